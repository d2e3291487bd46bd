package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
)

// teller prints for a person: titles, commands, what came of them.
type teller struct {
	out    io.Writer
	keys   io.Reader
	colour bool
	// step waits for the Enter key after each step.
	step    bool
	counter int
	lines   chan string
}

// isTerminal tells whether colours make sense.
func isTerminal(out *os.File) bool {
	info, err := out.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
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
	if t.step {
		t.wait(ctx, "(Enter to go on)")
	}
}

// wait waits for the Enter key, for the end of the input, or for an interrupt.
func (t *teller) wait(ctx context.Context, prompt string) {
	if t.lines == nil {
		// One reader for all waits: a read cannot be called off.
		t.lines = make(chan string)
		go func() {
			defer close(t.lines)
			for scanner := bufio.NewScanner(t.keys); scanner.Scan(); {
				t.lines <- scanner.Text()
			}
		}()
	}
	t.print("%s", t.paint("2", "    "+prompt))
	select {
	case <-ctx.Done():
	case <-t.lines:
	}
	t.print("\n")
}

func (t *teller) end(told, steps int) {
	text := fmt.Sprintf("All %d steps passed.", told)
	if told < steps {
		text = fmt.Sprintf("%d of %d steps were shown, and passed.", told, steps)
	}
	t.print("\n%s\n", t.paint("1;32", text))
}
