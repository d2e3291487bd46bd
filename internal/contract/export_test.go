package contract

// NextMarked is for tests that seed what a run leaves.
var NextMarked = nextMarked
