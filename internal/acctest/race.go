//go:build race

package acctest

func init() { raceDetector = true }
