// Command subject is the provider as the bench looks into it.
//
// With BENCH_CALLS=none it is a provider without a platform: every read is
// served at once, with the values of the state. The bench measures against it
// what Terraform and the plugin protocol cost by themselves. With
// BENCH_PROFILE=<folder> it leaves profiles of its processor time and of its
// memory there.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"

	"github.com/prefactordev/terraform-provider-prefactor/internal/prefactor"
	"github.com/prefactordev/terraform-provider-prefactor/internal/provider"
	"github.com/prefactordev/terraform-provider-prefactor/internal/tfkit"
)

// silent reads objects without a request. A field that a response lacks does not
// change the state, so an empty response changes nothing.
type silent struct{ tfkit.API }

func (silent) Token(_ context.Context, id string) (prefactor.Token, error) {
	return prefactor.Token{ID: id}, nil
}

func (silent) Environment(_ context.Context, id string) (prefactor.Environment, error) {
	return prefactor.Environment{ID: id}, nil
}

func (silent) Agent(_ context.Context, id string) (prefactor.Agent, error) {
	return prefactor.Agent{ID: id}, nil
}

func (silent) Deployment(_ context.Context, id string) (prefactor.Deployment, error) {
	return prefactor.Deployment{ID: id}, nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	if folder := os.Getenv("BENCH_PROFILE"); folder != "" {
		end, err := profile(folder)
		if err != nil {
			return err
		}
		defer end()
	}
	var options []provider.Option
	if os.Getenv("BENCH_CALLS") == "none" {
		options = append(options, provider.WithAPI(func(client tfkit.API) tfkit.API { return silent{client} }))
	}
	return provider.Serve("bench", false, func() { os.Exit(1) }, options...)
}

// profile begins profiles and gives what ends them. Each process has files of
// its own, since a plan starts the provider several times.
func profile(folder string) (end func(), err error) {
	name := func(what string) string {
		return filepath.Join(folder, fmt.Sprintf("%s-%d.pprof", what, os.Getpid()))
	}
	cpu, err := os.Create(name("cpu"))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(cpu); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		_ = cpu.Close()
		memory, err := os.Create(name("memory"))
		if err != nil {
			return
		}
		defer func() { _ = memory.Close() }()
		// What is in use is what the last collection has found.
		runtime.GC()
		_ = pprof.Lookup("heap").WriteTo(memory, 0)
	}, nil
}
