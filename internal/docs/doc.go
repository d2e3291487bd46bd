// Package docs tests what people read: the pages of the provider against its
// schemas, links, and the configurations in guides. It has nothing but tests.
package docs
