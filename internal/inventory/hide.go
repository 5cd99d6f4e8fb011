package inventory

import "log/slog"

// Hidden is what a log shows of a value that holds a person's fields.
var Hidden = slog.StringValue("[personal]")
