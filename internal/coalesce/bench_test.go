package coalesce_test

import (
	"fmt"
	"testing"

	"github.com/prefactordev/terraform-provider-prefactor/internal/emulator"
)

// What the read path itself costs: rows that are there already, with so many
// readers for each processor.
func BenchmarkRead(b *testing.B) {
	for _, readers := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("%d readers", readers), func(b *testing.B) {
			w := newWorld(b, emulator.Variant{}, 1001)
			tokens := w.accounts[0].tokens
			w.readAll(b, tokens, 10)
			// Those that were read singly would be so again.
			tokens = tokens[11:]
			w.forgetRequests()
			b.SetParallelism(readers)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					if _, err := w.token(b.Context(), tokens[i%len(tokens)]); err != nil {
						b.Error(err)
					}
				}
			})
			if n := w.reads() + w.lists(); n > 0 && b.Elapsed().Seconds() < 50 {
				b.Errorf("%d requests", n)
			}
		})
	}
}

// What it adds to a request of its own.
func BenchmarkReadSingly(b *testing.B) {
	w := newWorld(b, emulator.Variant{}, 2)
	id := w.accounts[0].tokens[0]
	for name, read := range map[string]func() error{
		"client": func() error { _, err := w.Token(b.Context(), id); return err },
		"reader": func() error { _, err := w.token(b.Context(), id); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
