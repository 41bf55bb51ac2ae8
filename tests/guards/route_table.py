"""Who may call which route, and what a stranger to its object gets: written by hand, beside what the code says.

Each line: endpoint, who, and for each variable of its address whose object it names. Who: * everyone, P payee, L payee with no clerk
beside, R reviewer, M manager, A auditor, S administrator, N a clerk who still has to set a password or a second factor. Objects: `own=CODE` means
that another's (another payee's, or another court's) gives this code, and so does one that doesn't exist; `any=CODE` that
everybody who may call the route sees all of them, and one that doesn't exist gives this code; `word` is no object.
"""

from __future__ import annotations

from dataclasses import dataclass

TABLE = """
home.index                     *
home.language                  *
home.text_size                 *
home.help                      *
home.text_page                 *      kind:word
home.manifest                  *
home.service_worker            *
home.offline                   *
home.health                    *
home.consents                  L
home.consent                   L      consent_id:own=404
cases.by_code                  *      code:word

accounts.sign_in               *
accounts.sign_in_code          *
accounts.sign_out              *
accounts.phones                L
accounts.add_code              L
accounts.prove                 L
accounts.change_phone          L      phone_id:own=303 deed:word

identity.verify                *
identity.rules                 *
identity.who                   P
identity.step                  P      key:word
identity.challenge             P      key:word
identity.by_court              P
identity.done                  P
identity.hand_over             P
identity.face_agreement        P
identity.phone_code            P
identity.my_signature          L
identity.signature_picture     L
identity.renew_signature       L
more_time.code                 *
more_time.film                 P      key:word
photo_first.photo              P
photo_first.read               P      photo_id:own=404

payee.case_list                P
payee.named_case               P
payee.case                     P      public_id:own=404
payee.account                  P      public_id:own=404
payee.hand_over                P      public_id:own=404
payee.privacy                  P      public_id:own=404
cards.card                     P      public_id:own=404
cards.card_read                P      public_id:own=404 photo_id:own=404
banks.branches                 P
banks.of_card                  P
banks.search                   P
letters.keep                   P      public_id:own=404
letters.mail                   P      public_id:own=404
letters.letter                 P      public_id:own=404
letters.letter_pdf             P      public_id:own=404
letters.preview                P      public_id:own=404
letters.sign                   P      public_id:own=404
letters.letter_text            P      public_id:own=404

typed.keep                     P
evidence.draft                 P
evidence.photo                 P      photo_id:own=404
notices.messages               L
notices.push                   L
notices.push_off               L
handover.desk                  P      handover_id:own=404
handover.cancel                P      handover_id:own=404
handover.phone                 *      token:any=410
handover.photos                *
handover.send                  *      field:word
handover.picture               *      field:word
handover.done                  *
counter.begin                  *      code:word
counter.more_time              *      code:word
counter.ended                  *
counter.end                    P
genuine.ask                    *
genuine.answer                 *
genuine.by_link                *      code:word

desk_door.sign_in              *
desk_door.second               *
desk_door.sign_out             *
desk_door.prove                RMASN
desk_door.time_left            RMASN
desk_door.stay                 RMASN
desk_door.language             *      to:word
desk_door.counts               RMAS
desk_door.tour                 RMAS
desk_security.password         RMASN
desk_security.second_factor    RMASN
desk_security.add_app          RMASN
desk_security.add_passkey      RMASN
desk_security.index            RMAS
desk_security.remove_factor    RMAS
desk_security.recovery_codes   RMAS
desk_security.end_sessions     RMAS
desk_staff.people              AS
desk_staff.new                 S
desk_staff.clerk               S      clerk_id:any=404
desk_staff.reset               S      clerk_id:any=404
desk_staff.switch              S      clerk_id:any=404
desk_staff.end_session         S      clerk_id:any=404

desk.index                     RMAS
desk.identities                RMAS
desk.accounts                  RMAS
desk.letter                    RMAS   letter_id:own=404
desk.find_letter               RMAS
desk.dead_jobs                 RMAS
desk.revive_jobs               RMS
desk_seams.health              RMAS

desk.case_letters              RMAS   case_id:own=404
desk_sheets.sheet              RMA    letter_id:own=404
desk_messages.messages         RMAS

desk_queue.take_next           RM     kind:word
desk_queue.assign_many         M
desk_evidence.item             RMAS   item_id:own=404
desk_evidence.before           RMAS   item_id:own=404
desk_evidence.following        RM     item_id:own=404
desk_evidence.keep_it          RM     item_id:own=404
desk_evidence.reveal           RMAS   item_id:own=404
desk_evidence.photo            RMAS   photo_id:own=404
desk_decisions.decide_item     RM     item_id:own=404
desk_decisions.take_over       RM     item_id:own=404
desk_decisions.assign_item     RM     item_id:own=404
desk_decisions.ask_colleague   RM     item_id:own=404
desk_decisions.note            RM     item_id:own=404
desk_decisions.preview         RM     item_id:own=404
desk_decisions.give_opinion    RM     opinion_id:any=404
desk_decisions.undo_decision   RM     decision_id:any=303
desk_decisions.seen            RM     decision_id:any=303
desk_decisions.told            RMAS
desk_reasons.reasons           RMAS
desk_reasons.reason            M      kind:word code:word
desk_reasons.retire            M      kind:word code:word
desk_workload.workload         MA
desk_charts.overview           RMAS
desk_charts.case               RMAS   case_id:own=404
desk_charts.table              RMAS   case_id:own=404 key:word

desk_cases.cases               RMAS
desk_cases.new_case            MS
desk_cases.case                RMAS   case_id:own=404
desk_cases.edit                MS     case_id:own=404
desk_cases.collection          MS     case_id:own=404
desk_cases.poster              RMAS   case_id:own=404 kind:word
desk_import.register           RMAS   case_id:own=404
desk_import.upload             MS     case_id:own=404
desk_import.one                RMAS   case_id:own=404 import_id:any=404
desk_import.columns            MS     case_id:own=404 import_id:any=404
desk_import.control            MS     case_id:own=404 import_id:any=404
desk_import.apply              MS     case_id:own=404 import_id:any=404
desk_import.discard            MS     case_id:own=404 import_id:any=404
desk_import.changes            MS     case_id:own=404 import_id:any=404
desk_import.faults             RMAS   case_id:own=404 import_id:any=404
desk_people.people             RMAS   case_id:own=404
desk_people.person             RMAS   case_id:own=404 payee_id:own=404
desk_people.add                M      case_id:own=404
desk_people.add_paper          M      case_id:own=404 payee_id:own=404
desk_people.instead            M      case_id:own=404 payee_id:own=404
desk_people.merge              M      case_id:own=404 payee_id:own=404
desk_people.paper              RMAS   case_id:own=404 payee_id:own=404 paper_id:any=404
desk_people.reminders          M      case_id:own=404
desk_people.undo               M      case_id:own=404 payee_id:own=404 transfer_id:any=404
desk_amending.amend            M      case_id:own=404 payee_id:own=404
desk_search.ask                RMAS
desk_search.find               RMAS
desk_counter.offer             RM     case_id:own=404 payee_id:own=404

desk_payouts.index             MA
desk_payouts.case              MA     case_id:own=404
desk_payouts.new_round         M      case_id:own=404
desk_payouts.new_batch         M      case_id:own=404
desk_payouts.batch             MA     batch_id:any=404
desk_payouts.release           M      batch_id:any=404
desk_payouts.cancel            M      batch_id:any=404
desk_payouts.drop              M      batch_id:any=404 export_no:any=404
desk_payouts.envelope          M      batch_id:any=404
desk_payouts.file              M      batch_id:any=404
desk_payouts.password          M      batch_id:any=404
desk_payout_results.new_result M      case_id:own=404
desk_payout_results.result     MA     result_id:any=404
desk_payout_results.reconciliation MA case_id:own=404
desk_payout_results.ledger     MA     case_id:own=404
desk_payout_results.ask        M      case_id:own=404
desk_payout_results.decide     M      export_no:any=404
desk_letters.parts             RMA    case_id:own=404
desk_letters.archive           MA     case_id:own=404
desk_letters.index             RMA    case_id:own=404

desk_texts.index               RMAS
desk_texts.text                RMAS   kind:word language:word
desk_texts.write               M      kind:word language:word
desk_texts.draft               RMAS   draft_id:any=404
desk_texts.decide              M      draft_id:any=404
desk_texts.version             RMAS   text_id:any=404
desk_texts.consents            RMA    account_id:own=404
desk_texts.consent             RMA    consent_id:own=404

desk_handbook.index            RMAS
desk_trail.index               A
desk_trail.person              A
desk_trail.proofs              A
desk_trail.prove               A
desk_trail.proof               A      proof_id:any=404
desk_trail.export              A
"""

LETTERS = {
    "*": "everyone",
    "P": "payee",
    "L": "alone",
    "R": "reviewer",
    "M": "manager",
    "A": "auditor",
    "S": "administrator",
    "N": "newcomer",
}


@dataclass(frozen=True, slots=True)
class Named:
    """One variable of an address: `kind` is own, any or word; `code` is what somebody else's (or nobody's) gives."""

    name: str
    kind: str
    code: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    endpoint: str
    who: frozenset[str]
    names: tuple[Named, ...]


def rows() -> dict[str, Row]:
    """The table by endpoint."""
    return {row.endpoint: row for row in map(_row, filter(None, TABLE.splitlines()))}


def _row(line: str) -> Row:
    endpoint, who, *names = line.split()
    return Row(endpoint, frozenset(LETTERS[letter] for letter in who), tuple(map(_named, names)))


def _named(text: str) -> Named:
    name, _colon, rule = text.partition(":")
    kind, _equals, code = rule.partition("=")
    return Named(name, kind, int(code or 0))
