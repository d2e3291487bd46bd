package prefactor_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
)

func TestClock(t *testing.T) {
	t.Parallel()
	local := time.Date(2030, 5, 6, 7, 8, 9, 0, time.UTC)
	var date string
	c := newClient(t, "https://platform.example", overNetwork(func(*http.Request) (*http.Response, error) {
		return canned(http.StatusOK, http.Header{"Date": {date}}, `{"status":"success","details":{"token_type":"api"}}`), nil
	}), func(c *prefactor.Config) { c.Now = func() time.Time { return local } })
	if !c.Now().Equal(local) {
		t.Errorf("before any response it is %s", c.Now())
	}
	for _, s := range []struct {
		name string
		date string
		want time.Duration
	}{
		{"the same", local.Format(http.TimeFormat), 0},
		{"a minute behind", local.Add(-time.Minute).Format(http.TimeFormat), 0},
		{"a minute ahead", local.Add(time.Minute).Format(http.TimeFormat), 0},
		{"more than a minute ahead", local.Add(61 * time.Second).Format(http.TimeFormat), 61 * time.Second},
		{"no date", "", 61 * time.Second},
		{"no sense", "yesterday", 61 * time.Second},
		{"a day behind", local.Add(-24 * time.Hour).Format(http.TimeFormat), -24 * time.Hour},
		{"set right again", local.Add(10 * time.Second).Format(http.TimeFormat), 0},
	} {
		date = s.date
		for range 2 {
			if _, err := c.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.Now().Sub(local); got != s.want {
			t.Errorf("%s: off by %s, want %s", s.name, got, s.want)
		}
	}
	// It goes on with the local clock.
	date = local.Add(time.Hour).Format(http.TimeFormat)
	for range 2 {
		if _, err := c.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	local = local.Add(5 * time.Minute)
	if want := local.Add(time.Hour); !c.Now().Equal(want) {
		t.Errorf("it is %s, want %s", c.Now(), want)
	}
}

// One response alone does not move the clock, nor do those of a proxy.
func TestClock_wrongDate(t *testing.T) {
	t.Parallel()
	local := time.Date(2030, 5, 6, 7, 8, 9, 0, time.UTC)
	ahead := map[string]string{"Date": local.AddDate(0, 0, 30).Format(http.TimeFormat)}
	right := map[string]string{"Date": local.Format(http.TimeFormat)}
	whole := `{"status":"success","details":{"token_type":"api"}}`
	s := replies(t,
		reply{status: http.StatusOK, body: whole, header: right},
		reply{status: http.StatusOK, body: whole, header: ahead},
		reply{status: http.StatusOK, body: whole, header: right},
		reply{status: http.StatusOK, body: whole, header: ahead},
		reply{status: http.StatusForbidden, body: "no", header: ahead},
		reply{status: http.StatusNotFound, body: "no", header: ahead},
		reply{status: http.StatusOK, body: whole, header: right},
	)
	c := s.client(t, func(c *prefactor.Config) { c.Now = func() time.Time { return local } })
	for range 7 {
		_, _ = c.Ping(t.Context())
		if !c.Now().Equal(local) {
			t.Fatalf("after %d responses it is %s", len(s.requests()), c.Now())
		}
	}
}

func TestLocalClock(t *testing.T) {
	t.Parallel()
	c, err := prefactor.New(prefactor.Config{})
	if err != nil {
		t.Fatal(err)
	}
	before := time.Now()
	if now := c.Now(); now.Before(before) || now.Sub(before) > time.Minute {
		t.Errorf("it is %s, and was %s before", now, before)
	}
}
