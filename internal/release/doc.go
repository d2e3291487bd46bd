// Package release tests what a release consists of. It has nothing but tests.
package release
