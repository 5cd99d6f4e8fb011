package policy

import (
	"slices"
	"strings"
	"time"
)

// A Promise is what a sentence of the policy binds the program to.
type Promise struct {
	ID       string
	Declared string   // where the program says the same: a file of the repository
	Tests    []string // what holds it: file of the repository and test, "internal/x/y_test.go TestZ"
	// Off says what is missing for it in an installation, "" when it is kept. nil
	// depends on nothing that an operator sets.
	Off func(Facts) string
}

// Promises are all of them.
var Promises = []Promise{
	{ID: "declared", Declared: "internal/inventory/compare.go", Tests: []string{"internal/app/inventory_test.go TestEveryColumnOfOneDatabaseIsDeclared"}},
	{ID: "parcels", Declared: "internal/parcel/fields.go", Tests: []string{"internal/parcel/fields_test.go TestParcelsBelongToNobody"}},
	{ID: "given", Declared: "internal/parcel/given.go", Tests: []string{"internal/parcel/given_test.go TestWhatACarrierDemandsIsKeptSealedWhileItIsWanted", "internal/parcel/given_test.go TestWhoKnowsMoreHasAParcelOfTheirOwn"}},
	{ID: "counted", Declared: "internal/limit/limit.go", Tests: []string{"internal/limit/limit_test.go TestCountsAreForgotten"}},
	{ID: "learned", Declared: "internal/watch/usual.go", Tests: []string{"internal/watch/usual_test.go TestAnAccountLearnsForItself"}},
	{ID: "figures", Declared: "internal/figure/figure.go", Tests: []string{"internal/figure/figure_test.go TestNoDifferenceTellsOfLessThanAGroup", "internal/figure/figure_test.go TestOneWhoComesOrGoesIsNotSeen", "internal/memory/memory_test.go TestOneNumberThatIsFoundIsNotSeen", "internal/app/watchers_test.go TestNobodyReadsWhoWatchesOrHowMany"}},
	{ID: "no-sale", Declared: "internal/web/visit/gpc.go", Tests: []string{"internal/web/member/consents_test.go TestABrowserThatRefusesSaleIsHeard", "internal/web/member/consents_test.go TestSellingIsRefused"}},
	{ID: "carriers", Declared: "internal/parcel/fields.go", Tests: []string{"internal/parcel/fields_test.go TestParcelsBelongToNobody"}},
	{ID: "lawful", Declared: "internal/lawful/lawful.go", Tests: []string{"internal/lawful/lawful_test.go TestTwoPeopleApproveWhatIsGiven", "internal/lawful/lawful_test.go TestOnlyWhatIsScopedIsGiven", "internal/lawful/lawful_test.go TestAScopeHasBounds", "internal/app/lawful_test.go TestTwoClerksAnswerACourtsOrder"}},
	{ID: "lawful-told", Declared: "internal/lawful/change.go", Tests: []string{"internal/lawful/lawful_test.go TestThePersonIsToldWhenLawLetsThem", "internal/account/hush_test.go TestWhatLawForbidsToTellIsShownLater", "internal/app/lawful_test.go TestTwoClerksAnswerACourtsOrder"}, Off: noMail},
	{ID: "transparency", Declared: "internal/lawful/counts.go", Tests: []string{"internal/lawful/lawful_test.go TestWhatARequestSaysIsForgottenAndCounted", "internal/lawful/lawful_test.go TestSmallNumbersArePublishedInBands", "internal/app/lawful_test.go TestWhatAuthoritiesAskedForIsPublished"}},
	{ID: "closing", Declared: "internal/closing/closing.go", Tests: []string{"internal/closing/closing_test.go TestADeclarationIsWholeAndInTime", "internal/closing/closing_test.go TestWhoDoesNotWantToBeHandedOver", "internal/app/closing_test.go TestTheBusinessEnds", "internal/app/closing_test.go TestTheBusinessIsHandedOver"}, Off: noMail},
	{ID: "no-embeds", Declared: "internal/web/ui/headers.go", Tests: []string{"internal/web/ui/ui_test.go TestHeadersProtectTheReader", "internal/app/headers_test.go TestEveryAnswerIsProtected"}},
	{ID: "providers", Declared: "internal/account/link.go", Tests: []string{"internal/web/member/with_test.go TestLinkingOnTheAccountsPage"}},
	{ID: "recipients", Declared: "internal/recipient/erasure.go", Tests: []string{"internal/recipient/recipient_test.go TestEveryServiceIsToldUntilItConfirms", "internal/recipient/recipient_test.go TestNobodyIsToldBeforeTheErasureAndNoNoticeIsLost", "internal/app/recipients_test.go TestAnErasureReachesEveryRecipient"}},
	{ID: "region", Declared: "internal/config/regions.go", Tests: []string{"internal/account/sidedoor_test.go TestRegions", "internal/app/regions_test.go TestARegionThatIsDownIsNoticedByItsOwnOnly"}},
	{ID: "uncopied", Declared: "internal/db/db.go", Tests: []string{"internal/app/regions_test.go TestARegionThatIsDownIsNoticedByItsOwnOnly"}},
	{ID: "copies", Declared: "internal/config/keys.go", Tests: []string{"internal/config/transfers_test.go TestATransferNeedsAGround", "internal/account/sidedoor_test.go TestNothingPersonalIsStoredInTheClear", "internal/config/config_test.go TestKeysThatWouldNotDo"}},
	{ID: "transfers", Declared: "internal/config/transfers.go", Tests: []string{"internal/config/transfers_test.go TestATransferNeedsAGround", "internal/policy/policy_test.go TestWhatCrossesABorderIsListed"}},
	{ID: "expiry", Declared: "internal/inventory/retention.go", Tests: []string{"internal/account/sidedoor_test.go TestExpire", "internal/watch/follow_test.go TestWhatIsOverGoes", "internal/account/sidedoor_test.go TestTheJobKeepsAsLongAsIsDeclared", "internal/purge/purge_test.go TestWhatIsOverGoesAndWhatIsHeldStays", "internal/app/policy_test.go TestThePagesSayWhatIsDeclared"}},
	{ID: "holds", Declared: "internal/hold/hold.go", Tests: []string{"internal/app/hold_test.go TestWhoIsHeldLosesNothing", "internal/hold/hold_test.go TestAHoldIsInForceUntilItIsLifted", "internal/hold/hold_test.go TestAHoldIsSealedExportedAndErased"}},
	{ID: "erasure", Declared: "internal/account/erase.go", Tests: []string{"internal/account/sidedoor_test.go TestEraseLeavesNothing", "internal/vault/vault_test.go TestNoByteOfADestroyedKeyIsLeftInTheFiles", "internal/app/erased_test.go TestNothingOfAnErasedMemberCanBeRead"}},
	{ID: "backups", Declared: "internal/config/policy.go", Tests: []string{"internal/app/adminbackup_test.go TestBackupsAreKeptAsLongAsThePolicySays", "internal/app/erased_test.go TestNothingOfAnErasedMemberCanBeRead"}},
	{ID: "proof", Declared: "internal/vault/vault.go", Tests: []string{"internal/vault/vault_test.go TestTheStoreDoesNotSayWho"}},
	{ID: "sealed", Declared: "internal/inventory/compare.go", Tests: []string{"internal/account/sidedoor_test.go TestNothingPersonalIsStoredInTheClear"}},
	{ID: "place", Declared: "internal/vault/seal.go", Tests: []string{"internal/vault/seal_test.go TestSealedValuesOpenAtTheirPlaceOnly"}},
	{ID: "apart", Declared: "internal/config/keys.go", Tests: []string{"internal/config/config_test.go TestKeysThatWouldNotDo"}},
	{ID: "passwords", Declared: "internal/account/phc.go", Tests: []string{"internal/account/signin_test.go TestHashesGrowWithTheirTime"}},
	{ID: "https", Declared: "internal/web/ui/headers.go", Tests: []string{"internal/web/ui/ui_test.go TestHeadersProtectTheReader", "internal/app/headers_test.go TestEveryAnswerIsProtected"}},
	{ID: "logs", Declared: "internal/logs_test.go", Tests: []string{"internal/logs_test.go TestLogsHaveDeclaredAttributesOnly"}},
	{ID: "looks", Declared: "internal/account/look.go", Tests: []string{"internal/account/staff_test.go TestALookShowsWhatADutyNeedsAndIsWrittenDown", "internal/account/look_test.go TestALookEnds", "internal/web/member/account_test.go TestTheMemberReadsWhoLooked", "internal/account/hush_test.go TestWhatLawForbidsToTellIsShownLater"}},
	{ID: "purposes", Declared: "internal/account/occasion.go", Tests: []string{"internal/web/staff/look_test.go TestALookShowsWhatItsMatterAndTheDutyAllow", "internal/web/staff/look_test.go TestWhatCantBeCheckedIsNotOffered"}},
	{ID: "caller", Declared: "internal/account/call.go", Tests: []string{"internal/account/look_test.go TestACallerShowsWhoTheyAreByACodeThatWasSent", "internal/account/look_test.go TestACallerShowsWhoTheyAreByTheirAccountsPage", "internal/account/look_test.go TestACallersCodeCantBeGuessed", "internal/web/staff/look_test.go TestACallIsHeard", "internal/web/member/account_test.go TestWhoIsOnThePhoneShowsACode"}},
	{ID: "training", Declared: "internal/account/training.go", Tests: []string{"internal/account/training_test.go TestWithoutTrainingAccessEnds", "internal/account/training_test.go TestAnotherVersionOfTheTrainingIsTaken", "internal/web/staff/look_test.go TestTheTrainingComesFirst"}},
	{ID: "told", Declared: "internal/account/notice.go", Tests: []string{"internal/account/change_test.go TestUndoingPutsEverythingBack"}, Off: noMail},
	{ID: "incidents", Declared: "internal/incident/notice.go", Tests: []string{"internal/incident/incident_test.go TestWhoIsConcernedIsToldWhatHappened", "internal/incident/incident_test.go TestEveryChannelIsTried", "internal/incident/incident_test.go TestNobodyIsToldTwiceWhenAProcessDies", "internal/app/incident_test.go TestTheLifeOfAnIncident"}, Off: noMail},
	{ID: "correct", Declared: "internal/account/profile.go", Tests: []string{"internal/web/member/account_test.go TestTheProfile"}},
	{ID: "copy", Declared: "internal/rights/rights.go", Tests: []string{"internal/app/rights_test.go TestACopyHasEveryPersonalFieldOfTheInventory", "internal/app/rights_test.go TestAMemberFetchesACopyByALettersLink"}},
	{ID: "download", Declared: "internal/watch/download.go", Tests: []string{"internal/web/member/parcels_test.go TestDownloads"}},
	{ID: "deactivate", Declared: "internal/account/account.go", Tests: []string{"internal/web/member/account_test.go TestDeactivating"}},
	{ID: "delete", Declared: "internal/account/leave.go", Tests: []string{"internal/web/member/account_test.go TestDeletingTheAccount", "internal/account/leave_test.go TestWhoLeavesCanComeBackUntilTheEnd", "internal/app/rights_test.go TestAMemberIsErasedFromEveryRoom"}},
	{ID: "stays", Declared: "internal/rights/stays.go", Tests: []string{"internal/app/review_test.go TestWhoGoesSeesWhatThatTouches", "internal/app/rights_test.go TestAMemberIsErasedFromEveryRoom"}},
	{ID: "restrict", Declared: "internal/inventory/restricted.go", Tests: []string{"internal/restricted_test.go TestEverySeamOfARestrictionIsDeclared", "internal/restricted_test.go TestEverySeamOfARestrictionIsHeld", "internal/app/restricted_test.go TestRestrictingHoldsEverywhere", "internal/watch/restricted_test.go TestNothingIsWantedForWhoIsRestricted", "internal/watch/restricted_test.go TestWhatACarrierDemandsStaysForWhoIsRestricted", "internal/webhook/restricted_test.go TestNothingIsDeliveredForWhoIsRestricted", "internal/message/alert_test.go TestWhatWaitsForWhoIsRestrictedIsDropped", "internal/account/restrict_test.go TestStaffSeeOfWhoIsRestrictedOnlyThat"}},
	{ID: "object", Declared: "internal/rights/object.go", Tests: []string{"internal/app/object_test.go TestObjecting", "internal/watch/restricted_test.go TestNothingIsLearnedOfWhoIsRestrictedOrObjects"}},
	{ID: "withdraw", Declared: "internal/web/member/consents.go", Tests: []string{"internal/web/member/consents_test.go TestAConsentIsTakenBackWithOneClick"}},
	{ID: "ledger", Declared: "internal/account/consent.go", Tests: []string{"internal/account/consent_test.go TestTheLedgerIsOnlyAddedTo"}},
	{ID: "alerts", Declared: "internal/message/refusal.go", Tests: []string{"internal/web/member/alerts_test.go TestUnsubscribingByOneClick", "internal/message/alert_test.go TestWhoIsToldAndWhoIsNot"}},
	{ID: "requests", Declared: "internal/request/clock.go", Tests: []string{"internal/request/clock_test.go TestTheClockStandsOnlyWhileThePersonIsToAnswer", "internal/request/request_test.go TestTheListHasWhatIsLateOnTop", "internal/app/datarequests_test.go TestTheLifeOfARequest"}},
	{ID: "letters", Declared: "internal/request/letter.go", Tests: []string{"internal/request/request_test.go TestARequestFromTheFormToItsAnswer", "internal/message/request_test.go TestEveryStepOfARequestCanBeToldInEveryLanguage"}, Off: noMail},
	{ID: "grounds", Declared: "internal/request/ground.go", Tests: []string{"internal/request/request_test.go TestARefusalHasOneOfTheGrounds", "internal/message/request_test.go TestEveryStepOfARequestCanBeToldInEveryLanguage"}},
	{ID: "no-telling", Declared: "internal/account/asking.go", Tests: []string{"internal/request/request_test.go TestWhoAsksWithoutAnAccountShowsThatTheAddressIsTheirs", "internal/web/member/requests_test.go TestTheFormSaysTheSameWhateverIsHeld"}, Off: noMail},
	{ID: "request-proof", Declared: "internal/request/side.go", Tests: []string{"internal/request/request_test.go TestARequestIsSealedExportedAndErased", "internal/request/request_test.go TestRequestsAreKeptAsLongAsIsDeclared"}},
	{ID: "children", Declared: "internal/account/guardian.go", Tests: []string{"internal/account/signup_test.go TestAChildWaitsForAGuardian", "internal/account/signup_test.go TestAChildWithoutAnAnswerIsForgotten"}, Off: noMail},
	{ID: "ages", Declared: "internal/account/law.go", Tests: []string{"internal/account/signup_test.go TestAgesThatAreAskedFor"}},
	{ID: "cookies", Declared: "internal/web/visit/cookies.go", Tests: []string{"internal/web/site/toll_test.go TestTheCookiePageListsEveryCookie", "internal/web/site/pages_test.go TestTheCookiePageListsWhatScriptsKeep"}},
	{ID: "versions", Declared: "internal/policy/store.go", Tests: []string{"internal/policy/store_test.go TestVersionsAreKeptAndCompared"}},
	{ID: "announced", Declared: "internal/policy/lessen.go", Tests: []string{"internal/policy/store_test.go TestWhatLessensRightsIsAnnounced", "internal/app/policy_test.go TestAPolicyThatChangesIsAnnouncedOnEveryPage", "internal/app/policy_test.go TestAPolicyThatChangesIsAnnouncedByMail", "internal/account/announce_test.go TestEverybodyIsToldOnceOfAVersionThatLessensRights"}, Off: noMail},
	{ID: "asked", Declared: "internal/web/member/consents.go", Tests: []string{"internal/web/member/consents_test.go TestAnotherVersionOfTheTermsIsAskedFor"}},
}

func noMail(f Facts) string {
	if on(f, "mail") {
		return ""
	}
	return "no e-mail leaves: set mail.smtp and mail.from"
}

func on(f Facts, code string) bool {
	return slices.ContainsFunc(f.Parties, func(p Party) bool { return p.Code == code && p.On })
}

// A Gap is something that the policy of an installation lacks.
type Gap struct{ What, Why string }

// Gaps names every promise whose mechanism is off, and everything that an
// operator has to say and didn't.
func Gaps(f Facts) []Gap {
	var all []Gap
	for _, p := range Promises {
		if p.Off == nil {
			continue
		}
		if why := p.Off(f); why != "" {
			all = append(all, Gap{"promise:" + p.ID, why})
		}
	}
	for _, one := range []struct {
		said bool
		what string
		why  string
	}{
		{f.HTTPS, "promise:https", "the address is not https: set url, and tls or a proxy that ends it; the sentence is left out"},
		{f.Operator.Company != "", "policy.company", "nobody says who runs the installation"},
		{f.Operator.Officer != "", "policy.officer", "nobody is named for data protection"},
		{f.Operator.Mail != "" || f.Operator.Phone != "", "policy.mail", "there is no address for questions and requests"},
		{on(f, "hosting"), "policy.hosting", "nobody says on whose machines the installation runs"},
	} {
		if !one.said {
			all = append(all, Gap{one.what, one.why})
		}
	}
	for _, r := range f.Regions {
		if r.Place == "" {
			all = append(all, Gap{"policy.places." + r.Name, "nobody says where the region's machines are"})
		}
		if r.Country == "" {
			all = append(all, Gap{"policy.countries." + r.Name, "nobody says in which country the region's machines are, so it isn't known what crosses a border"})
		}
	}
	overdue := map[string]bool{}
	for _, x := range f.Transfers {
		if x.Overdue(f.Now) && !overdue[x.To] {
			overdue[x.To] = true
			all = append(all, Gap{"transfers.countries." + x.To, "the protection there was to be assessed again by " + x.Review.Format(time.DateOnly)})
		}
	}
	slices.SortFunc(all, func(a, b Gap) int { return strings.Compare(a.What, b.What) })
	return all
}
