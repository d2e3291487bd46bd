// Command bench measures what a refresh, an apply and a destroy of many tokens
// cost, with a real Terraform or OpenTofu binary and the emulator at the
// latency of the real platform: with coalesced reads and without, beside the
// same number of built-in resources and beside a provider that makes no calls.
// It prints a table and writes it to docs/benchmarks.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	sizes := flag.String("sizes", "10,100,1000,5000", "how many tokens to refresh")
	applies := flag.String("applies", "10,100,1000", "how many tokens to create and destroy")
	out := flag.String("out", "docs/benchmarks.md", "where to write the table; empty writes it nowhere")
	profiles := flag.String("profiles", "", "folder for processor and memory profiles of the provider in one more plan of each size; empty makes none")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, numbers(*sizes), numbers(*applies), *out, *profiles)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

func numbers(list string) []int {
	var all []int
	for text := range strings.SplitSeq(list, ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && n > 0 {
			all = append(all, n)
		}
	}
	return all
}

func run(ctx context.Context, sizes, applies []int, out, profiles string) error {
	b, err := newBench(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	if profiles != "" {
		if b.profiles, err = filepath.Abs(profiles); err != nil {
			return err
		}
		if err := os.MkdirAll(profiles, 0o750); err != nil {
			return err
		}
	}
	t := &table{binary: b.binary.Name() + " " + b.binary.Version.String()}
	for _, n := range sizes {
		for _, kind := range []string{ofAccount, ofDeployment} {
			if err := b.refreshes(ctx, kind, n, t); err != nil {
				return fmt.Errorf("%d %s tokens: %w", n, kind, err)
			}
		}
	}
	if err := b.refreshes(ctx, ofEstate, estate, t); err != nil {
		return fmt.Errorf("an estate: %w", err)
	}
	for _, n := range applies {
		for _, kind := range []string{ofAccount, ofDeployment, builtIn} {
			if err := b.applies(ctx, kind, n, t); err != nil {
				return fmt.Errorf("%d %s tokens: %w", n, kind, err)
			}
		}
	}
	text := t.markdown()
	fmt.Println(text) //nolint:forbidigo // What the command is for.
	if out == "" {
		return nil
	}
	return os.WriteFile(out, []byte(text), 0o644) //nolint:gosec // A document.
}
