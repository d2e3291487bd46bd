package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
)

// teller prints for a person: titles, commands, what came of them. Colours
// only on a terminal.
type teller struct {
	out     io.Writer
	colour  bool
	step    bool
	keys    *bufio.Reader
	counter int
}

func newTeller(out *os.File, step bool) *teller {
	info, err := out.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return &teller{out: out, colour: terminal, step: step, keys: bufio.NewReader(os.Stdin)}
}

func (t *teller) paint(code, text string) string {
	if !t.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// print ignores a failing terminal: there is nobody left to tell.
func (t *teller) print(format string, args ...any) { _, _ = fmt.Fprintf(t.out, format, args...) }

func (t *teller) title(text string) {
	t.counter++
	t.print("\n%s\n", t.paint("1", fmt.Sprintf("%2d. %s", t.counter, text)))
}

func (t *teller) command(args ...string) {
	t.line("%s", t.paint("36", "$ "+strings.Join(args, " ")))
}

func (t *teller) line(format string, args ...any) {
	t.print("    %s\n", fmt.Sprintf(format, args...))
}

// quote shows a part of what Terraform printed.
func (t *teller) quote(text string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \r\n"); line != "" {
			t.line("%s %s", t.paint("2", "|"), line)
		}
	}
}

func (t *teller) proof(what string) { t.line("%s %s", t.paint("32", "ok"), what) }

func (t *teller) pause(ctx context.Context) {
	if !t.step || ctx.Err() != nil {
		return
	}
	t.print("%s", t.paint("2", "    (Enter to go on)"))
	_, _ = t.keys.ReadString('\n')
}

func (t *teller) end(steps int) {
	t.print("\n%s\n", t.paint("1;32", fmt.Sprintf("All %d steps did what they say.", steps)))
}
