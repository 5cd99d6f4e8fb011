package engine

import (
	"cmp"
	"errors"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"waypost/internal/carrier"
)

const (
	maxPaths    = 600 // of an answer; one with more has no shape
	maxLevels   = 16  // below which nothing is told apart
	maxElements = 100 // of a list that are looked at
	mostNames   = 64  // of an object; one with more has data for names
	maxName     = 48  // characters; a longer one is data
	dataName    = "*" // stands for every name that is data
)

// A structure is a place of an answer and what hangs from it.
type structure struct {
	forms   carrier.Forms
	in      int // objects above that have something here
	objects int
	below   map[string]*structure
}

// A surveyor draws the shape of one answer.
type surveyor struct {
	uses  func(name string) bool
	lists bool // one element is told from a list of one, as XML can't
	paths int
	data  map[string]bool // what isData said of a name
}

// shapeOf is the shape of an answer that became reports, nil where there is
// nothing to compare it with: it is no tree, is too wide, or tells of trouble.
func (p *Program) shapeOf(v any, reports []carrier.Report, err error) *carrier.Shape {
	kind, ok := shapeKind(reports, err)
	if v == nil || !ok {
		return nil
	}
	s := surveyor{uses: p.Uses, lists: p.source.Read.Format != "xml", data: map[string]bool{}}
	root := &structure{in: 1}
	s.look(root, v, 0)
	if s.paths > maxPaths {
		return nil
	}
	shape := &carrier.Shape{Kind: kind}
	s.list(shape, "", root)
	slices.SortFunc(shape.Paths, func(a, b carrier.Path) int { return strings.Compare(a.Name, b.Name) })
	return shape
}

// shapeKind tells which answers are built alike. What can't be read was to be a
// history. Other problems come in any form, often from a gateway.
func shapeKind(reports []carrier.Report, err error) (kind carrier.ProblemKind, ok bool) {
	var whole *carrier.Problem
	if errors.As(err, &whole) {
		reports = []carrier.Report{{Problem: whole}}
	}
	for _, r := range reports {
		switch {
		case r.Problem == nil || r.Problem.Kind == carrier.Unreadable:
			return "", true
		case r.Problem.Kind == carrier.Missing:
			kind, ok = carrier.Missing, true
		}
	}
	return kind, ok
}

func (s *surveyor) look(at *structure, v any, level int) {
	switch v := v.(type) {
	case nil:
	case string:
		at.forms |= carrier.Text
	case bool:
		at.forms |= carrier.Truth
	case []any:
		if s.lists {
			at.forms |= carrier.List
		}
		for _, one := range v[:min(len(v), maxElements)] {
			s.look(at, one, level)
		}
	case map[string]any:
		at.forms |= carrier.Object
		at.objects++
		if level < maxLevels {
			s.lookInto(at, v, level+1)
		}
	default:
		at.forms |= carrier.Number
	}
}

func (s *surveyor) lookInto(at *structure, fields map[string]any, level int) {
	data := false // whether the object was counted for names that are data
	for name, v := range fields {
		if v == nil {
			continue
		}
		if len(fields) > mostNames || s.isData(name) {
			name = dataName
		}
		there := at.child(name)
		if there.forms == 0 && there.in == 0 {
			s.paths++
		}
		if name != dataName || !data {
			there.in++
		}
		data = data || name == dataName
		if s.paths > maxPaths {
			return
		}
		s.look(there, v, level)
	}
}

func (at *structure) child(name string) *structure {
	if at.below == nil {
		at.below = map[string]*structure{}
	}
	there := at.below[name]
	if there == nil {
		there = &structure{}
		at.below[name] = there
	}
	return there
}

func (s *surveyor) list(shape *carrier.Shape, path string, at *structure) {
	_, name := carrier.CutPath(path)
	shape.Paths = append(shape.Paths, carrier.Path{Name: path, Forms: at.forms, In: at.in, Objects: at.objects, Used: s.uses(name)})
	for name, there := range at.below {
		s.list(shape, strings.TrimPrefix(path+"."+name, "."), there)
	}
}

// likeName is how names in answers are written that somebody gave a field.
var likeName = regexp.MustCompile(`^[\pL_$@:][\pL\d_$@:-]*$`)

// likeData finds dates, ids and numbers in what is written like a name.
var likeData = regexp.MustCompile(`\d{3}|\d[\d_:-]*\d.*\d`)

// isData reports whether a name is rather a value: a number, a date, an id,
// somebody's name. What the reading names is a name.
func (s *surveyor) isData(name string) bool {
	is, known := s.data[name]
	if !known {
		is = !s.uses(name) && (len(name) > maxName || !likeName.MatchString(name) || likeData.MatchString(name))
		s.data[name] = is
	}
	return is
}

// inExpression finds the names in an expression: .name and "name".
var inExpression = regexp.MustCompile(`\.([A-Za-z_]\w*)|"([^"\\]+)"`)

// namesIn are the names of fields that reading looks for.
func namesIn(r carrier.Read) map[string]bool {
	names := map[string]bool{}
	for _, text := range []string{
		r.Answer, r.Problem, r.Parcels, r.Events,
		r.Parcel.Number, r.Parcel.Unique, r.Parcel.Service, r.Parcel.Problem, r.Parcel.State, r.Parcel.ETA.From, r.Parcel.ETA.ZoneFrom, r.Parcel.Legs,
		r.Event.At.From, r.Event.At.ZoneFrom, r.Event.Code, r.Event.Words, r.Event.Order,
		r.Event.Place.City, r.Event.Place.Region, r.Event.Place.Postcode, r.Event.Place.Country, r.Event.Place.Name,
	} {
		for _, found := range inExpression.FindAllStringSubmatch(text, -1) {
			names[found[1]+found[2]] = true
		}
	}
	return names
}

// Uses reports whether the reading names a field so.
func (p *Program) Uses(name string) bool { return p.names[name] }

// Shapes are how the answers of the source's vectors are built: what is known
// of its answers before the first one comes.
func (p *Program) Shapes() []carrier.Shape {
	var all []carrier.Shape
	for _, v := range p.source.Vectors {
		if v.Answer == "" || v.Kind == "broken" || p.source.Answers == nil {
			continue
		}
		answer, err := fs.ReadFile(p.source.Answers, v.Answer)
		if err != nil {
			continue // an overlay's file may come without
		}
		reports, parsed, err := p.readWith(answer, cmp.Or(v.HTTP, http.StatusOK), v.Asked, nil)
		if shape := p.shapeOf(parsed, reports, err); shape != nil {
			all = append(all, *shape)
		}
	}
	return all
}
