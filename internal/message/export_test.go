package message

import "io/fs"

// Tables are the room's words.
func Tables() fs.FS { return tables }
