package credentials

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	fileName = "prefactor.json"
	homeName = ".prefactor"

	// maxFileBytes is far above any real file, and keeps a mistaken path from
	// filling the memory.
	maxFileBytes = 1 << 20
)

var errMissing = errors.New("does not exist")

// profileFiles are the files that were checked. The last one is used; it is returned
// even if it could not be read. An error is always about profiles_file.
func (in Input) profileFiles() ([]profileFile, error) {
	if in.ProfilesFile != nil {
		file, err := in.explicitFile()
		return []profileFile{file}, err
	}
	root, err := workTree(in.WorkDir)
	if err != nil {
		return nil, newError("", "No current directory", "The current directory, where the search for %s begins, cannot be determined: %s.", fileName, cause(err))
	}
	files := []profileFile{readProfileFile(filepath.Join(root, fileName))}
	files[0].found = true
	// As the vendor's tool does: a file that exists ends the search, whatever
	// is in it.
	if files[0].missing && in.HomeDir != "" {
		files = append(files, readProfileFile(filepath.Join(in.HomeDir, homeName, fileName)))
	}
	return files, nil
}

// explicitFile reads profiles_file, which must be a file of profiles.
func (in Input) explicitFile() (profileFile, error) {
	given := *in.ProfilesFile
	if given == "" {
		return profileFile{}, emptyAttribute("profiles_file")
	}
	path := filepath.Clean(given)
	if rest, ok := cutHome(given); ok {
		if in.HomeDir == "" {
			return profileFile{}, newError("profiles_file", "Unusable profiles file",
				"profiles_file in the provider block begins with ~, but there is no home directory. Use an absolute path.")
		}
		path = filepath.Join(in.HomeDir, rest)
	} else if !filepath.IsAbs(path) {
		path = filepath.Join(in.WorkDir, path)
	}
	file := readProfileFile(path)
	if file.unread != "" {
		return profileFile{}, newError("profiles_file", "Unusable profiles file",
			"The file that profiles_file in the provider block names, %s, %s. "+
				`It must be a file such as {"<profile>": {"api_key": "...", "base_url": "%s"}}.`,
			file.path, file.unread, DefaultURL)
	}
	return file, nil
}

// cutHome removes a leading ~/.
func cutHome(path string) (rest string, ok bool) {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return rest, true
	}
	return strings.CutPrefix(path, "~"+string(filepath.Separator))
}

// workTree is the first of the folder and its parents with a .git in it, else
// the folder itself. In a linked work tree and in a submodule .git is a file.
func workTree(folder string) (string, error) {
	start, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return start, nil
		}
	}
}

func readProfileFile(path string) profileFile {
	file := profileFile{path: path}
	data, err := readLimited(path)
	if info, statErr := os.Stat(path); statErr == nil {
		// Windows has other permissions, which these do not show.
		file.shared = runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
	}
	if err == nil {
		file.profiles, file.broken, err = parseProfiles(data)
	}
	if err != nil {
		file.unread, file.missing = err.Error(), errors.Is(err, errMissing)
	}
	return file
}

// readLimited has errors that continue a sentence which begins with the file.
func readLimited(path string) ([]byte, error) {
	// Before it is opened: opening a pipe would wait for a writer.
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errMissing
	}
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a file")
	}
	f, err := os.Open(path) //nolint:gosec // The path is the user's own choice.
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", cause(err))
	}
	if len(data) > maxFileBytes {
		return nil, fmt.Errorf("is larger than %d bytes", maxFileBytes)
	}
	return data, nil
}

// cause is the error without the path, which the message already has.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}
