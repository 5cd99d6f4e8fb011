package carrier

import "strings"

// A Shape is how a source's answer is built. It holds no value of the answer.
type Shape struct {
	Kind  ProblemKind // "" where the answer has a history or couldn't be read, Missing where it knows nothing
	Paths []Path      // sorted by name; the first, named "", is the answer itself
}

// A Path is a place of an answer: the names that lead there joined by dots,
// with "*" for a name that is data. A list's elements are at the list's path.
type Path struct {
	Name    string
	Forms   Forms
	In      int  // objects at the path above that have something here
	Objects int  // objects that stand here
	Used    bool // the source's reading names it
}

// CutPath splits a path into the one that it hangs from, "" for the answer
// itself, and its last name.
func CutPath(path string) (above, name string) {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)], path[i+1:]
}

// Forms are what stood at a path.
type Forms uint8

// The forms. What is null isn't there.
const (
	Text Forms = 1 << iota
	Number
	Truth
	List
	Object
)

// AllForms are all of them.
var AllForms = []Forms{Text, Number, Truth, List, Object}

var formNames = map[Forms]string{Text: "text", Number: "number", Truth: "true or false", List: "list", Object: "object"}

func (f Forms) String() string {
	var all []string
	for _, one := range AllForms {
		if f&one != 0 {
			all = append(all, formNames[one])
		}
	}
	return strings.Join(all, ", ")
}
