package tfbinary

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

const cacheName = "terraform-provider-prefactor"

// installer puts a Terraform binary into a folder and gives the binary's path.
type installer func(ctx context.Context, folder string) (string, error)

// download takes the latest release from releases.hashicorp.com; hc-install
// checks its signature and checksum.
func download(ctx context.Context, folder string) (string, error) {
	latest := &releases.LatestVersion{Product: product.Terraform, InstallDir: folder}
	return latest.Install(ctx)
}

// installed gives the Terraform in the cache folder and puts one there first
// when there is none that runs. It stays until the folder is deleted: a
// download for each run of the tests would cost more than a version that is a
// little older.
func (f finder) installed(ctx context.Context) (Binary, error) {
	cache, err := f.cacheDir()
	if err != nil {
		return Binary{}, err
	}
	folder := filepath.Join(cache, cacheName)
	cached := filepath.Join(folder, "terraform")
	if runtime.GOOS == "windows" {
		cached += ".exe"
	}
	if b, err := inspect(ctx, cached); err == nil {
		return b, nil
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return Binary{}, err
	}
	// Into a folder of its own and then renamed: the tests of other packages
	// run at the same time and must never see half a binary.
	fresh, err := os.MkdirTemp(folder, "install-")
	if err != nil {
		return Binary{}, err
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	path, err := f.install(ctx, fresh)
	if err != nil {
		return Binary{}, err
	}
	if err := os.Rename(path, cached); err != nil {
		// Windows does not replace a binary that somebody runs; theirs is as good.
		b, inspectErr := inspect(ctx, cached)
		if inspectErr != nil {
			return Binary{}, fmt.Errorf("%w; %w", err, inspectErr)
		}
		return b, nil
	}
	return inspect(ctx, cached)
}
