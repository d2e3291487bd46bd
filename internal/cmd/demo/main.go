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
	keep := flag.Bool("keep", false, "leave the working folder for playing")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *step, *keep)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo failed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, step, keep bool) error {
	say := newTeller(os.Stdout, step)
	d, err := newDemo(ctx, say, keep)
	if err != nil {
		return err
	}
	defer d.close()
	for _, s := range story {
		if err := ctx.Err(); err != nil {
			return err
		}
		say.title(s.title)
		if err := s.tell(ctx, d); err != nil {
			return fmt.Errorf("%s: %w", s.title, err)
		}
		say.pause(ctx)
	}
	say.end(len(story))
	return nil
}
