package v1

import (
	"context"
	"net/http"
	"strings"
	"time"

	"waypost/internal/quota"
)

func (d *Door) keys() {
	add(d, operation{
		route: "GET /v1/keys", id: "listKeys", tag: "keys", scope: quota.Read,
		summary: "List keys", about: "The account's keys, oldest first; without their secrets, which are told once.",
	}, d.listKeys)
	add(d, operation{
		route: "POST /v1/keys", id: "makeKey", tag: "keys", scope: quota.Write, status: http.StatusCreated,
		summary: "Make a key", about: "Its secret is in the answer, and nowhere else ever again. A key can't give a key more than it has itself: neither scopes nor addresses.",
	}, d.makeKey)
	add(d, operation{
		route: "PATCH /v1/keys/{key}", id: "editKey", tag: "keys", scope: quota.Write,
		summary: "Change a key", about: "What is absent stays as it is.",
	}, d.editKey)
	add(d, operation{
		route: "POST /v1/keys/{key}/rotate", id: "rotateKey", tag: "keys", scope: quota.Write,
		summary: "Give a key a new secret", about: "The old one goes on for as long as you say, so that programs can change over one by one.",
	}, d.rotateKey)
	add(d, operation{
		route: "DELETE /v1/keys/{key}", id: "revokeKey", tag: "keys", scope: quota.Write, status: http.StatusNoContent,
		summary: "Revoke a key", about: "With all its secrets, at once. For 15 minutes the page /developer/keys can take it back.",
	}, d.revokeKey)
}

// A Key is what the account's programs call with.
type Key struct {
	ID      quota.KeyID   `json:"id" format:"uuid"`
	Name    string        `json:"name"`
	Scopes  []quota.Scope `json:"scopes"`
	From    []string      `json:"from" doc:"The addresses, networks and ranges that it may be used from; none lets it be used from everywhere."`
	Signs   bool          `json:"signs" doc:"Webhooks can be signed with it."`
	Test    bool          `json:"test" doc:"It works with test numbers alone."`
	Made    string        `json:"made" format:"date-time"`
	Used    string        `json:"used,omitempty" format:"date-time" doc:"When it was last used, within ten minutes; absent when never."`
	Revoked string        `json:"revoked,omitempty" format:"date-time" doc:"Absent while it isn't."`
	Secrets []KeySecret   `json:"secrets" doc:"Newest first: one, and after a rotation those that overlap it."`
}

// A KeySecret is a secret of a key, of which only the end can be seen.
type KeySecret struct {
	ID   quota.SecretID `json:"id" format:"uuid"`
	Last string         `json:"last" doc:"Its last four characters."`
	Made string         `json:"made" format:"date-time"`
	Ends string         `json:"ends,omitempty" format:"date-time" doc:"Until when it works; absent when it has no end."`
	Used string         `json:"used,omitempty" format:"date-time"`
}

// A FreshKey is a key whose newest secret is told this once.
type FreshKey struct {
	Key
	Secret string `json:"secret" doc:"Keep it where nobody reads it."`
}

func keyOf(k quota.Key) Key {
	return Key{
		ID: k.ID, Name: k.Name, Scopes: k.Scopes, From: mapped(k.From, quota.Range.String), Signs: k.Signs, Test: k.Test,
		Made: instant(k.Made), Used: instant(k.Used()), Revoked: instant(k.Revoked),
		Secrets: mapped(k.Secrets, func(s quota.Secret) KeySecret {
			return KeySecret{s.ID, s.Last, instant(s.Made), instant(s.Ends), instant(s.Used)}
		}),
	}
}

type nothing struct{}

type listKeysOutput struct{ Body List[Key] }

func (d *Door) listKeys(ctx context.Context, _ *nothing) (*listKeysOutput, error) {
	who := callerOf(ctx)
	store, err := d.Keys.Of(who.Owner)
	if err != nil {
		return nil, err
	}
	all, err := store.List(ctx, who.Owner)
	if err != nil {
		return nil, err
	}
	return &listKeysOutput{List[Key]{Items: mapped(all, keyOf)}}, nil
}

// A NewKey is a key that is to be made.
type NewKey struct {
	Name   string   `json:"name" minLength:"1" maxLength:"80" example:"Shop"`
	Scopes []string `json:"scopes" minItems:"1" maxItems:"3" enum:"read,write,realtime" doc:"What it may be used for."`
	From   []string `json:"from,omitempty" maxItems:"100" doc:"Where it may be used from: addresses, networks (192.0.2.0/24), ranges (192.0.2.7-192.0.2.20)."`
	Test   bool     `json:"test,omitempty" doc:"It works with test numbers alone."`
}

type freshKeyOutput struct{ Body FreshKey }

type makeKeyInput struct{ Body NewKey }

func (d *Door) makeKey(ctx context.Context, in *makeKeyInput) (*freshKeyOutput, error) {
	who := callerOf(ctx)
	from, err := ranges(in.Body.From)
	if err != nil {
		return nil, err
	}
	set := quota.Settings{Name: in.Body.Name, From: from, Scopes: mapped(in.Body.Scopes, scope)}
	if err := who.MayGrant(quota.Key{Settings: set, Test: in.Body.Test}); err != nil {
		return nil, err
	}
	store, err := d.Keys.Of(who.Owner)
	if err != nil {
		return nil, err
	}
	makes := store.Make
	if in.Body.Test {
		makes = store.MakeTest
	}
	made, err := makes(ctx, who.Owner, set, false)
	if err != nil {
		return nil, err
	}
	return &freshKeyOutput{FreshKey{keyOf(made.Key), made.Secret}}, nil
}

func scope(s string) quota.Scope { return quota.Scope(s) }

func ranges(all []string) ([]quota.Range, error) {
	from, err := quota.ParseRanges(strings.Join(all, "\n"))
	return from, at("#/from", err)
}

// A KeyID is which key is meant.
type KeyID struct {
	Key string `path:"key" format:"uuid" doc:"The key's id."`
}

type editKeyInput struct {
	KeyID
	Body EditKey
}

// An EditKey is what is to change; what is absent stays as it is.
type EditKey struct {
	Name   *string   `json:"name,omitempty" minLength:"1" maxLength:"80"`
	Scopes *[]string `json:"scopes,omitempty" minItems:"1" maxItems:"3" enum:"read,write,realtime"`
	From   *[]string `json:"from,omitempty" maxItems:"100"`
}

type keyOutput struct{ Body Key }

func (d *Door) editKey(ctx context.Context, in *editKeyInput) (*keyOutput, error) {
	who, id := callerOf(ctx), quota.KeyID(in.Key)
	store, k, err := d.grantable(ctx, who, id)
	if err != nil {
		return nil, err
	}
	set := k.Settings
	if in.Body.Name != nil {
		set.Name = *in.Body.Name
	}
	if in.Body.Scopes != nil {
		set.Scopes = mapped(*in.Body.Scopes, scope)
	}
	if in.Body.From != nil {
		if set.From, err = ranges(*in.Body.From); err != nil {
			return nil, err
		}
	}
	if err := who.MayGrant(quota.Key{Settings: set, Test: k.Test}); err != nil {
		return nil, err
	}
	if err := store.Edit(ctx, who.Owner, id, set); err != nil {
		return nil, err
	}
	if k, err = store.Get(ctx, who.Owner, id); err != nil {
		return nil, err
	}
	return &keyOutput{keyOf(k)}, nil
}

// grantable is a key of the caller's account that may do no more than the caller.
func (d *Door) grantable(ctx context.Context, who quota.Caller, id quota.KeyID) (*quota.Store, quota.Key, error) {
	store, err := d.Keys.Of(who.Owner)
	if err != nil {
		return nil, quota.Key{}, err
	}
	k, err := store.Get(ctx, who.Owner, id)
	if err != nil {
		return nil, quota.Key{}, err
	}
	return store, k, who.MayGrant(k)
}

type rotateKeyInput struct {
	KeyID
	Body RotateKey
}

// A RotateKey says how a key gets a new secret.
type RotateKey struct {
	Overlap int `json:"overlap_hours" minimum:"0" maximum:"720" example:"24" doc:"For how many hours the old secret goes on."`
}

func (d *Door) rotateKey(ctx context.Context, in *rotateKeyInput) (*freshKeyOutput, error) {
	who := callerOf(ctx)
	store, k, err := d.grantable(ctx, who, quota.KeyID(in.Key))
	if err != nil {
		return nil, err
	}
	made, err := store.Rotate(ctx, who.Owner, k.ID, time.Duration(in.Body.Overlap)*time.Hour)
	if err != nil {
		return nil, err
	}
	return &freshKeyOutput{FreshKey{keyOf(made.Key), made.Secret}}, nil
}

type revokeKeyInput struct{ KeyID }

func (d *Door) revokeKey(ctx context.Context, in *revokeKeyInput) (*deleted, error) {
	who := callerOf(ctx)
	store, err := d.Keys.Of(who.Owner)
	if err != nil {
		return nil, err
	}
	return nil, store.Revoke(ctx, who.Owner, quota.KeyID(in.Key))
}
