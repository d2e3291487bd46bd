package provider

// LogOnlyWhatIsPrinted is for tests that live outside.
var LogOnlyWhatIsPrinted = logOnlyWhatIsPrinted
