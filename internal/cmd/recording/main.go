// Command recording turns what the demo prints into an animated SVG: one screen
// for each step. What differs between two runs, such as ids and dates, is
// replaced, so that the same demo gives the same file.
package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if err := record(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "recording:", err)
		os.Exit(1)
	}
}

func record(demo io.Reader, picture io.Writer) error {
	printed, err := io.ReadAll(demo)
	if err != nil {
		return err
	}
	all := steps(string(printed))
	if len(all) == 0 {
		return errors.New("the input has no steps: run the demo and pipe its output into this")
	}
	_, err = picture.Write(svg(all))
	return err
}

// step is a title of the demo with the lines below it.
type step []string

var (
	title = regexp.MustCompile(`^ ?\d+\. `)
	id    = regexp.MustCompile(`\b01[0-9a-hjkmnp-tv-z]{30}\b`)
	date  = regexp.MustCompile(`\b20\d\d-\d\d-\d\d(T[\d:]+Z)?`)
)

// steps are those of a demo; what it prints before the first and after the last
// is left out.
func steps(printed string) []step {
	printed = id.ReplaceAllString(printed, "01kdvdna0000001a88cvx6pv3pzgqzn6")
	printed = date.ReplaceAllString(printed, "<date>")
	var all []step
	for line := range strings.Lines(printed) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case title.MatchString(line):
			all = append(all, step{line})
		case len(all) > 0 && strings.HasPrefix(line, "    "):
			all[len(all)-1] = append(all[len(all)-1], strings.TrimPrefix(line, "    "))
		}
	}
	for _, s := range all {
		sortTokens(s)
	}
	return all
}

// sortTokens gives listed tokens the same order in each run: the platform lists
// them by age, and the demo creates two at the same time.
func sortTokens(s step) {
	for from := 0; from < len(s); from++ {
		to := from
		for to < len(s) && strings.HasPrefix(s[to], "| ") && strings.Contains(s[to], "<date>") {
			to++
		}
		slices.Sort(s[from:to])
		from = max(from, to-1)
	}
}

const (
	width      = 860
	lineHeight = 20
	top        = 58
)

// colours are those of lines by their beginnings; the first that fits is taken.
var colours = []struct{ prefix, class string }{{"$ ", "c"}, {"ok ", "o"}, {"| Error", "e"}, {"| Warning", "w"}, {"| ", "q"}}

// svg shows each step for as long as it takes to read. Where nothing moves, the
// longest step is all that is shown.
func svg(all []step) []byte {
	longest := slices.MaxFunc(all, func(a, b step) int { return cmp.Compare(len(a), len(b)) })
	seconds := func(s step) float64 { return 2 + float64(len(s))/2 }
	var total float64
	for _, s := range all {
		total += seconds(s)
	}
	var style, body bytes.Buffer
	var begin float64
	for i, s := range all {
		end := begin + 100*seconds(s)/total
		fmt.Fprintf(&style, "@keyframes k%d{0%%{opacity:0}%.2f%%{opacity:0}%.2f%%{opacity:1}%.2f%%{opacity:1}%.2f%%{opacity:0}100%%{opacity:0}}\n#s%d{animation:k%d %.1fs infinite}\n",
			i, begin, begin+0.01, end-0.01, end, i, i, total)
		begin = end
		opacity := 0
		if &s[0] == &longest[0] {
			opacity = 1
		}
		fmt.Fprintf(&body, "<g id=\"s%d\" opacity=\"%d\">\n", i, opacity)
		for n, line := range s {
			class := ""
			if n == 0 {
				class = "t"
			}
			for _, c := range colours {
				if class == "" && strings.HasPrefix(line, c.prefix) {
					class = c.class
				}
			}
			fmt.Fprintf(&body, "<text x=\"24\" y=\"%d\" class=\"%s\">%s</text>\n", top+n*lineHeight, class, html.EscapeString(line))
		}
		body.WriteString("</g>\n")
	}
	height := top + len(longest)*lineHeight
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="Recording of make demo">
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#d0d7de;white-space:pre}
.t{font-weight:700;fill:#ffffff}.c{fill:#79c0ff}.o{fill:#7ee787}.e{fill:#ff7b72}.w{fill:#e3b341}.q{fill:#8b949e}
%s@media (prefers-reduced-motion:reduce){g{animation:none!important}}
</style>
<rect width="100%%" height="100%%" rx="8" fill="#161b22"/>
<circle cx="24" cy="20" r="6" fill="#ff5f56"/><circle cx="44" cy="20" r="6" fill="#ffbd2e"/><circle cx="64" cy="20" r="6" fill="#27c93f"/>
%s</svg>
`, width, height, width, height, &style, &body)
	return out.Bytes()
}
