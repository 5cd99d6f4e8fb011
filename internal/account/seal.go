package account

import (
	"context"

	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// The places of what is sealed, and of what is found by a keyed hash. None is
// ever renamed.
const (
	fieldNickname   vault.Field = "account.account.nickname"
	fieldAge        vault.Field = "account.account.age_range"
	fieldCountry    vault.Field = "account.account.country"
	fieldLanguage   vault.Field = "account.account.language"
	fieldCompany    vault.Field = "account.account.company"
	fieldPicture    vault.Field = "account.account.picture"
	fieldContact    vault.Field = "account.contact.value"
	fieldAwaited    vault.Field = "account.awaited.value"
	fieldSecret     vault.Field = "account.totp.secret"
	fieldRecovery   vault.Field = "account.recovery_code.hash"
	fieldCredential vault.Field = "account.passkey.credential"
	fieldPasskey    vault.Field = "account.passkey.name"
	fieldLinked     vault.Field = "account.link.nickname"
	fieldPerson     vault.Field = "account.link.person"
	fieldKey        vault.Field = "account.link_key.lookup"
	fieldSent       vault.Field = "account.flow.sent"
	fieldLabel      vault.Field = "account.session.label"
	fieldDevice     vault.Field = "account.session.device"
	fieldFlow       vault.Field = "account.flow.state"
	fieldCode       vault.Field = "account.flow.code"
	fieldBucket     vault.Field = "account.rate.bucket"
	fieldDetail     vault.Field = "account.notice.detail"
	fieldBefore     vault.Field = "account.notice.before"
	fieldGuardian   vault.Field = "account.guardian.contact"
	fieldGuardianTo vault.Field = "account.guardian.detail"
	fieldTeam       vault.Field = "account.team.name"
	fieldInvited    vault.Field = "account.invitation.contact"
	fieldInviting   vault.Field = "account.invitation.detail"
	fieldStaff      vault.Field = "account.staff.contact"
	fieldStaffName  vault.Field = "account.staff.name"
	fieldStaffApp   vault.Field = "account.staff.totp"
	fieldStaffLabel vault.Field = "account.staff_session.label"
	fieldCallSent   vault.Field = "account.look.sent"
	fieldCallPage   vault.Field = "account.look.page"
)

// newKey makes the key of somebody new, before anything is written about them.
func (s *Store) newKey(ctx context.Context, who inventory.Subject) (*vault.Sealer, error) {
	if err := s.vault.Create(ctx, who); err != nil {
		return nil, err
	}
	return s.vault.Key(ctx, who)
}
