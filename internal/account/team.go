package account

import (
	"slices"
	"time"

	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// A TeamID names a business account, and begins with the region it lives in.
type TeamID string

// Region is where the business account lives, "" when id is none.
func (id TeamID) Region() string { return regionOf(string(id)) }

// Subject is the business account as vault and rights know it.
func (id TeamID) Subject() inventory.Subject { return inventory.Subject(id) }

// A Role is what somebody is in a business account.
type Role string

// Roles.
const (
	RoleOwner   Role = "owner"
	RoleAdmin   Role = "admin"
	RoleMember  Role = "member"
	RoleViewer  Role = "viewer"
	RoleBilling Role = "billing"
)

// Roles are all there are, the one that may most first.
var Roles = []Role{RoleOwner, RoleAdmin, RoleMember, RoleViewer, RoleBilling}

// A Right is something that a role may do in a business account.
type Right string

// Rights.
const (
	SeeTeam        Right = "see_team"        // what it is called, and who belongs to it
	ReadParcels    Right = "read_parcels"    // the parcels that the business keeps
	WriteParcels   Right = "write_parcels"   // save, note, archive and delete them
	SeePrograms    Right = "see_programs"    // keys by their names, and what programs drew
	ManagePrograms Right = "manage_programs" // make, change, rotate and revoke keys
	Pay            Right = "pay"             // plan, invoices, ways to pay
	RenameTeam     Right = "rename_team"
	ManagePeople   Right = "manage_people" // invite, change and remove those who are neither owner nor admin
	OwnTeam        Right = "own_team"      // make and remove admins, hand it over, close it
)

// A Grant is a right and who has it.
type Grant struct {
	Right Right
	Roles []Role
}

// Grants is what each role may do: the table that the code obeys and that
// docs/access.md shows.
var Grants = []Grant{
	{SeeTeam, []Role{RoleOwner, RoleAdmin, RoleMember, RoleViewer, RoleBilling}},
	{ReadParcels, []Role{RoleOwner, RoleAdmin, RoleMember, RoleViewer}},
	{WriteParcels, []Role{RoleOwner, RoleAdmin, RoleMember}},
	{SeePrograms, []Role{RoleOwner, RoleAdmin, RoleMember}},
	{ManagePrograms, []Role{RoleOwner, RoleAdmin}},
	{Pay, []Role{RoleOwner, RoleBilling}},
	{RenameTeam, []Role{RoleOwner, RoleAdmin}},
	{ManagePeople, []Role{RoleOwner, RoleAdmin}},
	{OwnTeam, []Role{RoleOwner}},
}

// Can reports whether a role has a right.
func (r Role) Can(right Right) bool {
	return slices.ContainsFunc(Grants, func(g Grant) bool { return g.Right == right && slices.Contains(g.Roles, r) })
}

// Manages reports whether who has this role may change or remove somebody of
// another one, and give it.
func (r Role) Manages(other Role) bool {
	if other == RoleOwner || other == RoleAdmin {
		return r.Can(OwnTeam)
	}
	return r.Can(ManagePeople)
}

// A Team is a business account as somebody who belongs to it sees it.
type Team struct {
	ID      TeamID
	Name    string
	Role    Role      // theirs
	Created time.Time // UTC
	Closed  time.Time // UTC, zero while it is open
	Ends    time.Time // UTC; when one that is closed is deleted
}

// A Mate is somebody who belongs to a business account.
type Mate struct {
	Account    ID
	Nickname   string
	Contact    string // masked, for who may manage people; else ""
	Restricted bool   // they have their data kept for themselves: neither name nor address is shown to others
	Role       Role
	Since      time.Time // UTC
}

const (
	maxTeamName = 100 // characters
	mostMates   = 200 // people and open invitations of a business account
	teamKept    = 30 * 24 * time.Hour
	inviteFor   = 7 * 24 * time.Hour
	handoverFor = 7 * 24 * time.Hour
)

var (
	limitTeams   = limit{"team", 5, 24 * time.Hour, nil}
	limitInvite  = limit{"invite", 50, 24 * time.Hour, nil}
	limitInvitee = limit{"invitee", 3, 24 * time.Hour, nil}
)

// ErrTeamRight is for who belongs to a business account, in a role that may not.
var ErrTeamRight = fault.New(fault.Denied, "team_right", "Your role doesn't allow that. Ask an owner of the business account.")

var (
	errTeam       = fault.New(fault.NotFound, "team_missing", "There is no such business account, or you don't belong to it.")
	errTeamName   = fault.New(fault.Invalid, "team_name", "The business needs a name of 1 to 100 characters that can be written.")
	errTeamClosed = fault.New(fault.Conflict, "team_closed", "This business account is closed. An owner can open it again.")
	errTeamFull   = fault.New(fault.Conflict, "team_full", "A business account has room for 200 people, and this one is full.")
	errTeamAge    = fault.New(fault.Denied, "team_age", "Business accounts are for people of age.")
	errRole       = fault.New(fault.Invalid, "role", "Please choose a role from the list.")
	errMate       = fault.New(fault.NotFound, "mate_missing", "That person doesn't belong to this business account any more.")
	errMateThere  = fault.New(fault.Conflict, "mate_there", "Somebody with that address belongs to this business account already.")
	errLastOwner  = fault.New(fault.Conflict, "last_owner", "A business account needs an owner. Hand it over first, or close it.")
)

func teamName(text string) (string, error) {
	name, err := line(text, maxTeamName, errTeamName)
	if name == "" {
		return "", errTeamName
	}
	return name, err
}
