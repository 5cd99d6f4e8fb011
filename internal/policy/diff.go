package policy

import "strings"

// A Change is a sentence or fact that one version has and another has not, or
// that both have.
type Change struct {
	Section string // its title
	Text    string
	Sign    Sign
}

// A Sign says on which side a sentence stands.
type Sign string

// Signs.
const (
	Same  Sign = ""
	Gone  Sign = "gone"
	Added Sign = "added"
)

// Diff says sentence by sentence what changed from one version to another of the
// same language, section by section, in reading order.
func Diff(from, to Document) []Change {
	var all []Change
	old := map[string]Section{}
	for _, s := range from.Sections {
		old[s.ID] = s
	}
	for _, s := range to.Sections {
		all = append(all, diff(s.Title, old[s.ID].lines(), s.lines())...)
		delete(old, s.ID)
	}
	for _, s := range from.Sections {
		if _, gone := old[s.ID]; gone {
			all = append(all, diff(s.Title, s.lines(), nil)...)
		}
	}
	return all
}

// Changed are the changes alone.
func Changed(all []Change) []Change {
	var some []Change
	for _, c := range all {
		if c.Sign != Same {
			some = append(some, c)
		}
	}
	return some
}

// diff compares lines by their longest common subsequence.
func diff(title string, from, to []string) []Change {
	common := make([][]int, len(from)+1) // of from[i:] and to[j:]
	for i := range common {
		common[i] = make([]int, len(to)+1)
	}
	for i := len(from) - 1; i >= 0; i-- {
		for j := len(to) - 1; j >= 0; j-- {
			if from[i] == to[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var all []Change
	i, j := 0, 0
	for i < len(from) || j < len(to) {
		switch {
		case i < len(from) && j < len(to) && from[i] == to[j]:
			all = append(all, Change{title, to[j], Same})
			i, j = i+1, j+1
		case j == len(to) || i < len(from) && common[i+1][j] >= common[i][j+1]:
			all = append(all, Change{title, from[i], Gone})
			i++
		default:
			all = append(all, Change{title, to[j], Added})
			j++
		}
	}
	return all
}

// lines are a section's sentences, and its facts as one line a row's first cell
// and each item of the others, so that one more fact is one more line.
func (s Section) lines() []string {
	var all []string
	for _, p := range s.Parts {
		for _, one := range p.Sentences {
			all = append(all, one.Text)
		}
		if p.Table == nil {
			continue
		}
		for _, row := range p.Table.Rows {
			if len(row.Cells) == 0 {
				continue
			}
			name := texts(row.Cells[0])
			for i, cell := range row.Cells[1:] {
				for _, item := range cell {
					all = append(all, strings.Join([]string{name, p.Table.Head[i+1], item.Text}, " · "))
				}
			}
		}
	}
	return all
}

func texts(cell []Item) string {
	var all []string
	for _, i := range cell {
		all = append(all, i.Text)
	}
	return strings.Join(all, ", ")
}
