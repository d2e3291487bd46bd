package pfid_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/prefactordev/terraform-provider-prefactor/internal/pfid"
)

const (
	alphabet  = "0123456789abcdefghjkmnpqrstvwxyz"
	maxMillis = 1<<48 - 1
	sample    = "01hf7yat3v3nqk8n4ekcsmrhb61mph6z"
)

// The ids were made by the vendor's PFID library.
func TestParseVectors(t *testing.T) {
	t.Parallel()
	for _, v := range []struct {
		text      string
		partition uint32
		millis    int64
	}{
		{"00000000000000007dvkck40rk87nmg1", 0, 0},
		{"000000000100000184karc5v6qt6nmcw", 1, 1},
		{"01kdvdna0000001a88cvx6pv3pzgqzn6", 42, 1767225600000},
		{sample, 123456789, 1700000000123},
		{"7zzzzzzzzzzzzzzztpwzw6h8516a9mf9", pfid.MaxPartition, maxMillis},
	} {
		t.Run(v.text, func(t *testing.T) {
			t.Parallel()
			id, err := pfid.Parse(v.text)
			if err != nil {
				t.Fatal(err)
			}
			if id.String() != v.text || id.Partition() != v.partition || id.Time().UnixMilli() != v.millis {
				t.Errorf("got %s: partition %d, ms %d; want partition %d, ms %d",
					id, id.Partition(), id.Time().UnixMilli(), v.partition, v.millis)
			}
			if id.Time().Location() != time.UTC {
				t.Errorf("time is in %s, want UTC", id.Time().Location())
			}
			if !pfid.Valid(v.text) {
				t.Error("not valid")
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	replace := func(at int, with string) string { return sample[:at] + with + sample[at+1:] }
	for name, c := range map[string]struct{ text, want string }{
		"empty":               {"", "a PFID has 32 characters, but this text has 0"},
		"short":               {sample[1:], "a PFID has 32 characters, but this text has 31"},
		"long":                {sample + "0", "a PFID has 32 characters, but this text has 33"},
		"UUID":                {"018bcfe5-687b-7fff-bfff-ffffffffffff", "a PFID has 32 characters, but this text has 36"},
		"newline at the end":  {sample + "\n", "a PFID has 32 characters, but this text has 33"},
		"upper case":          {strings.ToUpper(sample), pfid.ErrUpperCase.Error()},
		"one upper case":      {replace(4, "X"), pfid.ErrUpperCase.Error()},
		"upper case I":        {replace(4, "I"), pfid.ErrUpperCase.Error()},
		"i":                   {replace(1, "i"), pfid.ErrAlphabet.Error() + ": character 2 of this text is not allowed"},
		"l":                   {replace(9, "l"), pfid.ErrAlphabet.Error() + ": character 10 of this text is not allowed"},
		"o":                   {replace(15, "o"), pfid.ErrAlphabet.Error() + ": character 16 of this text is not allowed"},
		"u":                   {replace(31, "u"), pfid.ErrAlphabet.Error() + ": character 32 of this text is not allowed"},
		"hyphen":              {replace(8, "-"), pfid.ErrAlphabet.Error() + ": character 9 of this text is not allowed"},
		"blank":               {" " + sample[1:], pfid.ErrAlphabet.Error() + ": character 1 of this text is not allowed"},
		"NUL":                 {replace(2, "\x00"), pfid.ErrAlphabet.Error() + ": character 3 of this text is not allowed"},
		"not ASCII":           {replace(3, "é"), pfid.ErrAlphabet.Error() + ": character 4 of this text is not allowed"},
		"not ASCII, 32 bytes": {"é" + sample[2:], "a PFID has 32 characters, but this text has 31"},
		"not UTF-8":           {replace(3, "\xff"), pfid.ErrAlphabet.Error() + ": character 4 of this text is not allowed"},
		"first is 8":          {replace(0, "8"), pfid.ErrFirst.Error()},
		"first is z":          {replace(0, "z"), pfid.ErrFirst.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, err := pfid.Parse(c.text)
			if err == nil {
				t.Fatalf("accepted %q", c.text)
			}
			if err.Error() != c.want {
				t.Errorf("got %q, want %q", err, c.want)
			}
			if id != (pfid.ID{}) || pfid.Valid(c.text) {
				t.Errorf("a refused string gave the id %q, valid: %t", id, pfid.Valid(c.text))
			}
		})
	}
}

func TestZeroIsNotValid(t *testing.T) {
	t.Parallel()
	if pfid.Valid(pfid.ID{}.String()) {
		t.Error("the zero ID is valid")
	}
}

func TestNewThenParse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		millis := rapid.Int64Range(0, maxMillis).Draw(t, "millis")
		below := rapid.Int64Range(0, int64(time.Millisecond)-1).Draw(t, "nanoseconds below the millisecond")
		partition := rapid.Uint32Range(0, pfid.MaxPartition).Draw(t, "partition")

		made, err := pfid.New(time.UnixMilli(millis).Add(time.Duration(below)), partition)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := pfid.Parse(made.String())
		if err != nil {
			t.Fatal(err)
		}
		if parsed != made {
			t.Fatalf("parsed %+v, made %+v", parsed, made)
		}
		if parsed.Time().UnixMilli() != millis || parsed.Partition() != partition {
			t.Fatalf("%s: ms %d, partition %d", parsed, parsed.Time().UnixMilli(), parsed.Partition())
		}
	})
}

// Lists are sorted by id, which has to mean by time.
func TestIDsSortByTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Range(0, maxMillis-1).Draw(t, "earlier")
		b := rapid.Int64Range(a+1, maxMillis).Draw(t, "later")
		earlier, err := pfid.New(time.UnixMilli(a), rapid.Uint32Range(0, pfid.MaxPartition).Draw(t, "p"))
		if err != nil {
			t.Fatal(err)
		}
		later, err := pfid.New(time.UnixMilli(b), rapid.Uint32Range(0, pfid.MaxPartition).Draw(t, "q"))
		if err != nil {
			t.Fatal(err)
		}
		if earlier.String() >= later.String() {
			t.Fatalf("%s of ms %d does not sort before %s of ms %d", earlier, a, later, b)
		}
	})
}

func TestNewIsRandom(t *testing.T) {
	t.Parallel()
	const many = 1000
	now := time.UnixMilli(1700000000123)
	seen := map[string]bool{}
	for range many {
		id, err := pfid.New(now, 7)
		if err != nil {
			t.Fatal(err)
		}
		seen[id.String()] = true
	}
	if len(seen) != many {
		t.Errorf("%d ids were made, %d of them differ", many, len(seen))
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at        time.Time
		partition uint32
	}{
		"before 1970":               {time.UnixMilli(-1), 0},
		"a nanosecond before 1970":  {time.Unix(0, -1), 0},
		"zero time":                 {time.Time{}, 0},
		"after the last time":       {time.UnixMilli(maxMillis + 1), 0},
		"so far that it would wrap": {time.Unix(1<<61, 0), 0},
		"partition of 31 bits":      {time.UnixMilli(0), pfid.MaxPartition + 1},
		"partition of 32 bits":      {time.UnixMilli(0), 1<<32 - 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if id, err := pfid.New(c.at, c.partition); err == nil {
				t.Errorf("made %s", id)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", sample, strings.ToUpper(sample), "8" + sample[1:], "7zzzzzzzzzzzzzzztpwzw6h8516a9mf9", "é" + sample[2:], sample[:31] + "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := pfid.Parse(text)
		fits := len(text) == pfid.Length && strings.Trim(text, alphabet) == "" && text[0] <= '7'
		if (err == nil) != fits {
			t.Fatalf("%q: error %v, but in the format: %t", text, err, fits)
		}
		if err != nil {
			if len(text) >= pfid.Length && strings.Contains(err.Error(), text) {
				t.Fatalf("the error repeats the string: %v", err)
			}
			return
		}
		again, err := pfid.New(id.Time(), id.Partition())
		if err != nil {
			t.Fatal(err)
		}
		const head = 16 // Time and partition; the rest is random.
		if id.String() != text || again.String()[:head] != text[:head] {
			t.Fatalf("%q came back as %q and %q", text, id, again)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pfid.Parse(sample); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	now := time.UnixMilli(1700000000123)
	for b.Loop() {
		if _, err := pfid.New(now, 42); err != nil {
			b.Fatal(err)
		}
	}
}
