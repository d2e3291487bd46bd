package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func said(id, date string) string {
	return "    Terraform at /usr/bin/terraform\n\n 1. Apply\n    $ terraform apply\n    | Error: 1 < 2 & \"3\"\n    ok until " + date +
		"\n    ok token " + id + "\n\n 2. Destroy\n    $ terraform destroy\n\nAll 2 steps passed.\n"
}

func TestSVG(t *testing.T) {
	t.Parallel()
	got := svg(steps(said("01kdvdna0000001a8x4r5tq7nchk2v9z", "2027-03-02")))
	if other := svg(steps(said("01mfj3mgjcxdtemtsvtnvd7e60pby3yr", "2031-11-25"))); !bytes.Equal(got, other) {
		t.Error("ids and dates make a difference")
	}
	var texts []string
	for decoder := xml.NewDecoder(bytes.NewReader(got)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, got)
		}
		if text, ok := token.(xml.CharData); ok {
			texts = append(texts, string(text))
		}
	}
	all := strings.Join(texts, "")
	for _, want := range []string{" 1. Apply", `| Error: 1 < 2 & "3"`, "ok until <date>", " 2. Destroy"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not shown:\n%s", want, got)
		}
	}
	for _, other := range []string{"/usr/bin", "All 2 steps"} {
		if strings.Contains(all, other) {
			t.Errorf("%q is shown", other)
		}
	}
}

// Of two tokens that are created at the same time, either is listed first.
func TestSVG_order(t *testing.T) {
	t.Parallel()
	list := func(tokens ...string) string {
		return " 1. List\n    | a\n" + strings.Join(tokens, "") + "    ok b\n    ok a\n"
	}
	one, two := "    | account until 2027-01-01\n", "    | deployment until 2027-01-01\n"
	if a, b := svg(steps(list(one, two))), svg(steps(list(two, one))); !bytes.Equal(a, b) {
		t.Errorf("%s\n%s", a, b)
	}
	if got := steps(list(two, one))[0]; !strings.HasSuffix(strings.Join(got, "\n"), "\nok b\nok a") {
		t.Errorf("other lines have another order: %q", got)
	}
}

func TestSVG_nothing(t *testing.T) {
	t.Parallel()
	for _, printed := range []string{"", "no steps\n"} {
		var picture bytes.Buffer
		if err := record(strings.NewReader(printed), &picture); err == nil || picture.Len() > 0 {
			t.Errorf("%q: %v, %d bytes", printed, err, picture.Len())
		}
	}
}
