// Command demo shows the life of Prefactor's tokens under Terraform: a real
// Terraform or OpenTofu binary, the provider built from this tree, and the
// platform's emulator. It needs no account and no network, and exits non-zero
// when a step does not do what it says.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	step := flag.Bool("step", false, "wait for the Enter key after each step")
	keep := flag.Bool("keep", false, "leave the working folder for playing, and the platform up until the Enter key")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, &teller{out: os.Stdout, keys: os.Stdin, colour: isTerminal(os.Stdout), step: *step}, *keep)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo failed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, say *teller, keep bool) error {
	d, err := newDemo(ctx, say, keep)
	if err != nil {
		return err
	}
	defer d.close()
	err = d.tell(ctx, story)
	if keep {
		d.play(ctx)
	}
	return err
}

// tell tells the steps in turn. One that the binary is too old for is named
// and left out.
func (d *demo) tell(ctx context.Context, steps []step) error {
	told := 0
	for _, s := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		d.say.title(s.title)
		if s.needs.missing(d.binary) {
			d.say.line("not shown: needs %s, and this is %s %s", s.needs, d.binary.Name(), d.binary.Version)
			continue
		}
		if err := s.tell(ctx, d); err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
		told++
		d.say.pause(ctx)
	}
	d.say.end(told, len(steps))
	return nil
}
