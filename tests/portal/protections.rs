//! Which test shows what protects the site. A test that is renamed or removed must be replaced here.

use std::path::Path;

/// What must hold, and the tests that fail when it does not.
const PROTECTIONS: &[(&str, &[&str])] = &[
    // Sessions.
    (
        "the session cookie is held to the host, Secure and HttpOnly, and is removed with the same attributes",
        &[
            "tests/portal/session.rs session_cookie_under_https_is_secure_with_host_prefix",
            "end2end/login.spec.ts login returns to the lesson and shows the name; logout ends the session",
        ],
    ),
    (
        "ids of sessions are random, never adopted from a client, and stored as hashes",
        &[
            "tests/portal/session.rs forged_session_id_is_never_used",
            "tests/portal/session.rs invalid_session_id_is_ignored_and_its_cookie_removed",
            "tests/portal/session.rs session_row_contains_only_the_hash_of_the_id",
        ],
    ),
    (
        "a login, another password and another role give a new id, and the old one opens nothing",
        &[
            "tests/portal/session.rs login_creates_a_session_with_a_new_id",
            "tests/portal/session.rs login_with_another_account_ends_the_previous_session",
            "tests/portal/people.rs password_is_changed_with_the_current_one_only",
            "tests/portal/people.rs change_of_a_role_and_disabling_end_the_sessions",
        ],
    ),
    (
        "a logout ends the session on the server, for every instance, and no request in flight restores it",
        &[
            "tests/portal/session.rs logout_ends_the_session_for_every_client",
            "tests/portal/session.rs request_in_flight_does_not_restore_a_deleted_session",
            "tests/portal/shared.rs session_begun_on_one_instance_is_used_on_another_and_ended_for_both",
            "tests/portal/processes.rs session_ended_on_one_process_is_refused_by_the_other_on_postgresql",
        ],
    ),
    (
        "two requests at the same time lose nothing of a session",
        &[
            "tests/portal/security.rs requests_of_a_page_store_nothing_in_the_session",
            "tests/portal/provider.rs requests_at_once_keep_the_id_token_of_the_session",
        ],
    ),
    (
        "sessions end after 14 days without use and after 60 days, and only those are deleted",
        &[
            "tests/portal/session.rs session_expires_after_fourteen_idle_days",
            "tests/portal/session.rs session_expires_after_sixty_days_of_use",
            "tests/portal/session.rs only_expired_sessions_are_deleted",
        ],
    ),
    (
        "another password, a reset, disabling and another role end sessions, pending logins and links",
        &[
            "tests/portal/people.rs link_sets_a_password_once",
            "tests/portal/people.rs admin_who_is_removed_leaves_no_link_behind",
            "tests/portal/second_factor.rs new_password_ends_logins_that_wait_for_a_code",
            "tests/portal/security.rs key_of_a_member_who_is_removed_opens_nothing",
        ],
    ),
    (
        "sessions and tokens are listed and ended by their owner only",
        &[
            "tests/portal/people.rs own_sessions_are_listed_and_ended",
            "tests/api/token.rs list_returns_own_tokens_without_secrets",
        ],
    ),
    (
        "a visitor gets no cookie and no row",
        &["tests/portal/session.rs anonymous_requests_set_no_cookie_and_store_no_row"],
    ),
    (
        "ids and secrets are in no address, log, trace or error",
        &[
            "tests/portal/login.rs session_ids_and_passwords_occur_in_no_log_and_no_address",
            "tests/api/trace.rs secrets_are_masked_before_they_are_stored",
        ],
    ),
    (
        "pages of members are not kept, and a logout empties the cache of the browser",
        &[
            "tests/portal/login.rs pages_of_a_viewer_are_no_store",
            "tests/portal/security.rs logout_empties_the_cache_of_the_browser",
            "end2end/login.spec.ts the Back button shows nothing of the account after a logout",
        ],
    ),
    // Passwords and accounts.
    (
        "passwords are hashed with argon2id, again when the hash is weaker",
        &[
            "src/portal/password.rs hash_has_the_documented_parameters",
            "tests/portal/login.rs weaker_password_hash_is_replaced_at_login",
        ],
    ),
    (
        "passwords have 8 to 256 characters, are not common, and are compared byte for byte",
        &[
            "src/portal/password.rs password_outside_the_rules_is_refused",
            "src/portal/password.rs list_of_common_passwords_has_the_three_thousand_that_the_rules_allow",
            "src/portal/password.rs password_that_differs_in_one_byte_is_wrong",
        ],
    ),
    (
        "checks of passwords beyond the capacity are refused at once",
        &[
            "src/portal/password.rs verification_beyond_a_full_queue_is_refused_at_once",
            "tests/portal/login.rs login_beyond_the_capacity_returns_503_immediately",
        ],
    ),
    (
        "an unknown account costs one check of a password, as a known one does",
        &[
            "tests/portal/login.rs unknown_account_and_wrong_password_get_the_same_response",
            "tests/portal/login.rs account_without_password_cannot_log_in",
        ],
    ),
    (
        "registration and forgotten passwords are answered alike for known and unknown addresses",
        &[
            "tests/portal/mail.rs forgotten_password_is_answered_alike_for_known_and_unknown_addresses",
            "tests/portal/mail.rs registration_answers_alike_and_only_while_it_is_open",
        ],
    ),
    (
        "guesses are throttled by all instances together, and do not lock out the owner",
        &[
            "tests/portal/login.rs fifty_wrong_passwords_from_one_address_return_429_while_the_owner_logs_in_elsewhere",
            "tests/portal/shared.rs failed_logins_are_counted_together",
            "tests/portal/shared.rs guesses_from_many_networks_do_not_lock_out_the_owner",
            "tests/portal/mail.rs forgotten_password_is_throttled",
        ],
    ),
    (
        "there is no default account; the first admin needs a link that is used once",
        &[
            "tests/portal/login.rs fresh_site_has_no_account_and_refuses_logins",
            "tests/portal/people.rs first_admin_is_created_with_a_link_while_there_is_no_account",
            "tests/portal/people.rs links_of_the_first_admin_used_at_once_give_one_account",
        ],
    ),
    (
        "links that set a password are used once, within an hour, and lead to the configured address",
        &[
            "tests/portal/people.rs link_sets_a_password_once",
            "tests/portal/mail.rs forgotten_password_is_set_with_a_link_from_a_mail",
            "tests/portal/mail.rs link_in_a_mail_does_not_follow_the_host_of_the_request",
        ],
    ),
    (
        "another password and another address need the current password",
        &[
            "tests/portal/people.rs password_is_changed_with_the_current_one_only",
            "tests/portal/mail.rs new_address_needs_the_password_and_must_be_free",
        ],
    ),
    (
        "the last admin stays one",
        &[
            "tests/portal/people.rs last_admin_can_be_neither_demoted_nor_disabled_nor_deleted",
            "tests/portal/people.rs two_admins_cannot_remove_each_other_at_the_same_time",
            "tests/portal/provider.rs role_follows_the_groups_but_the_last_admin_stays",
        ],
    ),
    (
        "a code of the second factor is accepted once, and wrong ones are throttled",
        &[
            "tests/portal/second_factor.rs session_begins_after_the_code_only",
            "tests/portal/second_factor.rs code_is_accepted_once_from_the_period_before_to_the_one_after",
            "tests/portal/second_factor.rs recovery_code_is_accepted_once",
            "tests/portal/second_factor.rs wrong_codes_are_throttled",
            "tests/portal/second_factor.rs admin_without_a_required_second_factor_gets_one_first",
        ],
    ),
    (
        "an answer of the identity provider is for this login and this site, signed, in time, and its address verified",
        &[
            "tests/portal/provider.rs only_a_valid_answer_of_the_provider_logs_in",
            "tests/portal/provider.rs callback_without_a_login_is_refused",
            "tests/portal/provider.rs account_with_the_same_address_is_linked_only_if_allowed_and_verified",
        ],
    ),
    (
        "the response of a passkey is accepted once, and not from a copy of the device",
        &[
            "end2end/passkey.spec.ts the response of a passkey is accepted once",
            "end2end/passkey.spec.ts a passkey whose device counts backwards is refused",
            "tests/portal/passkey.rs response_that_is_no_passkey_is_refused",
        ],
    ),
    // Requests of other sites.
    (
        "writes from another site or without an origin are refused, and tokens need none",
        &[
            "tests/portal/session.rs logout_requires_a_post_from_the_same_origin",
            "tests/page/safety.rs cross_site_form_is_rejected",
            "tests/portal/permissions.rs request_of_another_site_is_refused_and_changes_nothing",
            "tests/api/auth.rs cross_site_request_with_session_returns_403",
        ],
    ),
    (
        "reading changes nothing but what was seen",
        &[
            "tests/portal/security.rs reading_changes_nothing_but_what_was_seen",
            "tests/api/methods.rs safe_methods_change_nothing",
        ],
    ),
    (
        "with a token the session of the API is ignored",
        &[
            "tests/api/token.rs with_a_token_the_session_is_ignored_and_the_sandbox_cookie_selects_the_data",
        ],
    ),
    (
        "no other origin may read a response",
        &["tests/portal/security.rs no_response_lets_another_origin_read_it"],
    ),
    // Tokens and authorization.
    (
        "tokens are random, shown once, stored as hashes, expire, and are revoked for every instance",
        &[
            "tests/api/token.rs opaque_token_is_returned_once_and_stored_as_a_hash",
            "tests/api/token.rs expired_token_returns_401",
            "tests/api/token.rs revoked_token_is_refused_by_every_instance",
            "tests/api/token.rs last_use_of_a_token_is_stored_at_most_once_a_minute",
        ],
    ),
    (
        "every route accepts, with every method, only the roles of its table",
        &[
            "tests/portal/permissions.rs every_route_with_every_method_by_every_role",
            "tests/portal/permissions.rs tables_have_every_route_of_the_pages_and_of_the_server",
            "tests/portal/permissions.rs form_changes_nothing_for_who_may_not_send_it",
            "tests/api/access.rs every_route_and_method_accepts_only_its_roles",
            "tests/portal/members_only.rs nothing_is_shown_without_an_account",
        ],
    ),
    (
        "mentors use and see their groups only",
        &[
            "tests/portal/assignments.rs mentor_of_groups_uses_these_only",
            "tests/portal/assignments.rs mentor_of_another_group_sees_no_question",
            "tests/portal/team.rs mentor_of_a_group_sees_its_members_only",
        ],
    ),
    (
        "the progress of a sandbox goes to one account",
        &[
            "tests/portal/learning.rs sandbox_of_another_account_gives_nothing",
            "tests/portal/learning.rs two_accounts_at_once_share_no_progress",
            "tests/portal/member_sandbox.rs sandbox_of_an_account_is_not_left_to_the_next_one",
        ],
    ),
    (
        "fields that a form does not have are ignored, and no page or format has a hash",
        &[
            "tests/portal/security.rs fields_that_a_form_does_not_have_are_ignored",
            "tests/portal/security.rs no_page_contains_a_stored_hash",
            "tests/api/access.rs no_response_in_any_format_contains_a_hash",
        ],
    ),
    (
        "signatures and codes are compared in constant time, by their crates, and all other secrets by their hashes",
        &[
            "src/api/middleware/jwt.rs sign_returns_the_signature_of_the_example_in_the_standard",
            "src/portal/second_factor.rs codes_are_those_of_the_standard",
            "tests/portal/secrets.rs secrets_are_not_compared_with_an_operator",
            "tests/portal/provider.rs only_a_valid_answer_of_the_provider_logs_in",
            "tests/portal/session.rs session_row_contains_only_the_hash_of_the_id",
        ],
    ),
    // Addresses, files and logs.
    (
        "a login leads to pages of this site only",
        &[
            "src/portal/redirect_path.rs only_paths_of_this_site_are_accepted",
            "tests/portal/login.rs login_redirects_only_to_pages_of_this_site",
            "end2end/login.spec.ts login redirects only to pages of this site",
        ],
    ),
    (
        "requests for another host are refused",
        &["tests/page/safety.rs request_for_another_host_is_rejected"],
    ),
    (
        "files of databases are readable by their owner only",
        &[
            "tests/database/file.rs new_database_files_are_private",
            "tests/database/file.rs existing_file_readable_by_others_is_made_private",
            "tests/database/file.rs existing_folder_and_files_are_made_private",
        ],
    ),
    (
        "the audit log has what was done and no secret",
        &[
            "tests/portal/people.rs audit_log_has_what_was_done_and_no_secret",
            "tests/portal/second_factor.rs secret_is_in_no_export_and_no_audit_log",
        ],
    ),
    (
        "control characters are escaped in the log",
        &["src/cli/log.rs event_with_control_characters_is_one_line"],
    ),
    (
        "accounts and values of statements are not shown for debugging",
        &[
            "src/model/account.rs debug_of_account_shows_no_personal_data",
            "tests/portal/secrets.rs types_with_personal_data_or_secrets_derive_no_debug",
            "tests/database/file.rs debug_output_of_a_statement_omits_its_values",
        ],
    ),
    (
        "event streams are for who may see them, and limited",
        &[
            "tests/api/limits.rs event_streams_beyond_five_in_a_sandbox_return_429",
            "tests/portal/team.rs live_lists_of_one_account_are_limited",
            "tests/portal/team.rs live_list_is_sent_again_when_it_changes_and_ends_with_the_session",
        ],
    ),
    (
        "an account that is deleted leaves nothing that names its owner but the audit log",
        &[
            "tests/portal/security.rs deleted_member_is_named_in_the_audit_log_only",
            "tests/portal/learning.rs deleted_account_leaves_attempts_that_name_nobody",
        ],
    ),
    (
        "on a site for members the key of a sandbox opens the API only while its member may log in",
        &[
            "tests/portal/security.rs key_of_a_member_who_is_removed_opens_nothing",
            "tests/portal/security.rs key_that_no_member_has_created_opens_nothing",
        ],
    ),
];

#[test]
fn listed_tests_are_run() {
    for (protection, tests) in PROTECTIONS {
        assert!(!tests.is_empty(), "{protection}");
        for test in *tests {
            let (file, name) = test.split_once(' ').expect("a file and a name");
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            let text = std::fs::read_to_string(&path).expect(file);
            let found = match file.ends_with(".rs") {
                true => is_module(&path).and_then(|()| is_run(&text, name)),
                false => is_run_by_playwright(&text, name),
            };
            if let Err(reason) = found {
                panic!("{protection}: {file}, {name}: {reason}");
            }
        }
    }
}

/// Returns an error unless a file of a test program is a module of its `main.rs`, without which it would not be compiled.
fn is_module(path: &Path) -> Result<(), &'static str> {
    let main = path.with_file_name("main.rs");
    let (Some(name), Ok(main)) = (path.file_stem(), std::fs::read_to_string(main)) else {
        return Ok(());
    };
    let declaration = format!("mod {};", name.to_string_lossy());
    let is_declared = name == "main" || main.lines().any(|line| line == declaration);
    is_declared.then_some(()).ok_or("not a module of main.rs")
}

/// Returns an error unless the source runs a test: it has the attribute of a test and none to ignore it, or is run on both engines.
fn is_run(text: &str, name: &str) -> Result<(), &'static str> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_function = |line: &&str| {
        let rest = line.strip_prefix("async ").unwrap_or(line);
        rest.starts_with(&format!("fn {name}("))
    };
    let at = lines.iter().position(is_function);
    let at = at.ok_or("there is no such function")?;
    let before = lines[..at].iter().rev();
    let attributes: Vec<_> = before
        .take_while(|line| !line.is_empty() && !line.ends_with(['}', ';', '{']))
        .collect();
    if attributes.iter().any(|line| line.contains("ignore")) {
        return Err("it is ignored");
    }
    let has_attribute = attributes
        .iter()
        .any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"));
    let blocks = text.split("on_both_engines! {").skip(1);
    let mut names = blocks.filter_map(|block| block.split_once('}'));
    let is_on_both =
        names.any(|(block, _)| block.lines().any(|line| line.trim() == format!("{name},")));
    let is_run = has_attribute || is_on_both;
    is_run.then_some(()).ok_or("it is not run as a test")
}

/// Returns an error unless a spec runs a test.
fn is_run_by_playwright(text: &str, name: &str) -> Result<(), &'static str> {
    if ["describe.skip(", "describe.fixme("]
        .iter()
        .any(|skip| text.contains(skip))
    {
        return Err("a part of the spec is skipped");
    }
    let call = format!("test('{name}'");
    let is_run = text.lines().any(|line| line.trim().starts_with(&call));
    is_run.then_some(()).ok_or("it is not run as a test")
}

#[test]
fn test_that_is_not_run_is_found() {
    let runs = "#[tokio::test(flavor = \"multi_thread\")]\nasync fn a() {}\n";
    assert_eq!(is_run(runs, "a"), Ok(()));
    assert_eq!(
        is_run(
            "on_both_engines! {\n    b,\n    a,\n}\nasync fn a(d: &D) {}",
            "a"
        ),
        Ok(())
    );
    for (text, reason) in [
        ("#[test]\nfn b() {}", "there is no such function"),
        ("#[test]\n// fn a() {}", "there is no such function"),
        ("#[test]\n#[ignore = \"slow\"]\nfn a() {}", "it is ignored"),
        ("#[ignore]\n#[test]\nfn a() {}", "it is ignored"),
        ("#[test]\nfn b() {}\nfn a() {}", "it is not run as a test"),
        (
            "on_both_engines! {\n    b,\n    // a,\n}\nasync fn a(d: &D) {}",
            "it is not run as a test",
        ),
    ] {
        assert_eq!(is_run(text, "a"), Err(reason), "{text}");
    }
    assert_eq!(
        is_run_by_playwright("  test('a', async () => {", "a"),
        Ok(())
    );
    for text in [
        "// test('a', ",
        "test.skip('a', ",
        "test.describe.skip('x', \ntest('a', ",
    ] {
        assert!(is_run_by_playwright(text, "a").is_err(), "{text}");
    }
}
