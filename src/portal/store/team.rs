//! What admins and mentors see of the team: who has done what, where people stop, and who is at work now.
//!
//! The sums are in the table of exercise states, one row for each account and exercise, because there are many attempts.

use std::collections::HashMap;
use std::fmt;

use crate::database::{Row, Statement, Transaction};
use crate::model::account::AccountId;
use crate::portal::store::assessment_kind::AssessmentKind;
use crate::portal::store::group::GroupId;
use crate::portal::store::like::lower_pattern;
use crate::portal::store::{Store, StoreError, invalid_column};

/// How many members a page of the team has.
pub const TEAM_PAGE: usize = 50;

/// The members that a viewer may see, and of these only one group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TeamView {
    /// The mentor whose groups limit what is seen; `None` for the whole team.
    pub mentor: Option<AccountId>,
    /// The chosen group.
    pub group: Option<GroupId>,
}

impl TeamView {
    /// Binds the values of [`in_view!`]: the group and the mentor, 0 for none.
    fn bind(self, statement: Statement) -> Statement {
        statement
            .bind(self.group.map_or(0, |group| group.0))
            .bind(self.mentor.map_or(0, |mentor| mentor.0))
    }
}

/// A condition on members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TeamState {
    /// All.
    #[default]
    All,
    /// Those who are stuck in an exercise.
    Stuck,
    /// Those who have not been there for two weeks.
    Quiet,
}

/// The order of members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TeamOrder {
    /// By name.
    #[default]
    Name,
    /// The least progress first.
    Progress,
    /// Who was there last comes last.
    Seen,
}

/// Which members are listed.
#[derive(Clone, Debug, Default)]
pub struct TeamFilter {
    /// Whom the viewer may see.
    pub view: TeamView,
    /// A part of the name or of the address, without regard to case; empty for all.
    pub text: String,
    /// A condition.
    pub state: TeamState,
    /// The order.
    pub order: TeamOrder,
    /// Failures in an exercise that was last tried before this time, in milliseconds since 1970, make nobody stuck.
    pub stuck_since: i64,
    /// Who was not there since this time is quiet.
    pub quiet_since: i64,
    /// How many to skip.
    pub offset: i64,
}

/// A member in the overview of the team.
#[derive(Clone)]
pub struct TeamMember {
    /// The account.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// The email address.
    pub email: String,
    /// The last visit, in milliseconds since 1970, accurate to five minutes.
    pub seen: Option<i64>,
    /// The number of exercises in which the member is stuck.
    pub stuck: i64,
}

/// Shows no name and no address, which are personal data and must not be logged.
impl fmt::Debug for TeamMember {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TeamMember")
            .field("account", &self.account)
            .field("seen", &self.seen)
            .field("stuck", &self.stuck)
            .finish_non_exhaustive()
    }
}

/// What some members have read and passed.
#[derive(Clone, Debug, Default)]
pub struct TeamProgress {
    /// The lessons that each account has read, by path.
    pub read: HashMap<AccountId, Vec<String>>,
    /// The exercises and quizzes that each account has passed, by id.
    pub passed: HashMap<AccountId, Vec<(AssessmentKind, String)>>,
}

/// How many members have opened and read a lesson.
#[derive(Clone, Debug, Default)]
pub struct LessonNumbers {
    /// How many have opened it.
    pub opened: i64,
    /// How many have read it to its end.
    pub read: i64,
}

/// How far members have come in an exercise.
#[derive(Clone, Debug, Default)]
pub struct ExerciseNumbers {
    /// How many have started it.
    pub started: i64,
    /// How many have passed it.
    pub passed: i64,
    /// How many have looked at the solution before they passed, or have not passed.
    pub solutions: i64,
    /// How many have passed this many steps and not the next one.
    pub stops: Vec<(i64, i64)>,
}

/// The numbers of all lessons, exercises and quizzes.
#[derive(Clone, Debug, Default)]
pub struct TeamNumbers {
    /// By path.
    pub lessons: HashMap<String, LessonNumbers>,
    /// By id.
    pub exercises: HashMap<String, ExerciseNumbers>,
    /// How many have passed each quiz, by id.
    pub quizzes: HashMap<String, i64>,
}

/// A member who is stuck in an exercise.
#[derive(Clone)]
pub struct StuckMember {
    /// The account.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// The id of the exercise.
    pub exercise: String,
    /// The number of requests that did not meet their step, of all attempts.
    pub failures: i64,
    /// The number of steps that were passed in the last attempt with a graded request.
    pub step: i64,
    /// When it was last tried or asked about, in milliseconds since 1970.
    pub at: i64,
    /// Whether a question about it has no answer.
    pub has_asked: bool,
    /// What was expected in that attempt and what came instead, a `model::exercise::AttemptVerdict` as JSON.
    pub verdict: String,
}

/// Shows no name and no verdict, which are personal data and must not be logged.
impl fmt::Debug for StuckMember {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StuckMember")
            .field("account", &self.account)
            .field("exercise", &self.exercise)
            .finish_non_exhaustive()
    }
}

/// What a member has done last.
#[derive(Clone, PartialEq, Eq)]
pub struct TeamActivity {
    /// The account.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// What.
    pub what: ActivityKind,
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActivityKind {
    /// A lesson was opened or read.
    Lesson {
        /// Its path.
        lesson: String,
    },
    /// An exercise was tried.
    Exercise {
        /// Its id.
        exercise: String,
        /// The number of steps that are passed.
        step: i64,
        /// The number of requests that did not meet their step.
        failures: i64,
        /// Whether it is passed.
        is_passed: bool,
        /// Whether the member is stuck in it.
        is_stuck: bool,
    },
}

/// The condition that an account is in the view: `$1` is the group and `$2` the mentor, 0 for none.
macro_rules! in_view {
    ($account:literal) => {
        concat!(
            "($1 = 0 OR EXISTS (SELECT 1 FROM group_member AS chosen \
             WHERE chosen.group_id = $1 AND chosen.account_id = ",
            $account,
            ")) AND ($2 = 0 OR EXISTS (SELECT 1 FROM group_member AS theirs \
             JOIN group_member AS own ON own.group_id = theirs.group_id \
             WHERE own.account_id = $2 AND theirs.account_id = ",
            $account,
            "))"
        )
    };
}

/// The condition that what an account has done counts: it is in the view, and not disabled.
macro_rules! counts_in_view {
    ($account:literal) => {
        concat!(
            in_view!($account),
            " AND NOT EXISTS (SELECT 1 FROM account WHERE disabled IS NOT NULL AND account.id = ",
            $account,
            ")"
        )
    };
}

/// Who is stuck in which exercise, each pair once. All pages use this table; the argument is the placeholder of a time.
///
/// A member is stuck in an exercise that was never passed, was tried since that time, and had three or more requests that did
/// not meet their step, in all attempts together, so that a restart changes nothing. A question without an answer makes its
/// member stuck too, unless the exercise was passed for the first time after it was asked.
macro_rules! stuck {
    ($since:literal) => {
        concat!(
            "(SELECT account_id, exercise FROM exercise_state \
             WHERE passed IS NULL AND failures >= 3 AND checked >= ",
            $since,
            " UNION SELECT account_id, exercise FROM help_request WHERE answered IS NULL \
             AND NOT EXISTS (SELECT 1 FROM exercise_state AS asked \
             WHERE asked.account_id = help_request.account_id \
             AND asked.exercise = help_request.exercise AND passed >= help_request.created)) AS stuck"
        )
    };
}

/// The order of the attempts of a member at an exercise whose first one says where the member stands: the last one with a graded
/// request, because one that was only started says nothing yet.
macro_rules! last_graded {
    () => {
        "ORDER BY CASE WHEN verdict = '' THEN 1 ELSE 0 END, started DESC LIMIT 1"
    };
}
pub(super) use last_graded;

/// The condition of a [`TeamFilter`]: `$3` is the pattern, `$4` the state, `$5` and `$6` are the times.
macro_rules! in_filter {
    () => {
        concat!(
            "FROM account WHERE disabled IS NULL AND ",
            in_view!("account.id"),
            " AND (LOWER(name) LIKE $3 ESCAPE '\\' OR email_folded LIKE $3 ESCAPE '\\') \
             AND ($4 <> 1 OR id IN (SELECT account_id FROM ",
            stuck!("$5"),
            ")) AND ($4 <> 2 OR seen IS NULL OR seen < $6)"
        )
    };
}

/// A page of the members, in an order.
macro_rules! members {
    ($order:literal) => {
        concat!(
            "SELECT id, name, email, seen AS last_seen, (SELECT COUNT(*) FROM ",
            stuck!("$5"),
            " WHERE account_id = account.id) AS stuck ",
            in_filter!(),
            " ORDER BY ",
            $order,
            " LIMIT 50 OFFSET $7"
        )
    };
}

/// Rows of the accounts of a page: fifty placeholders.
macro_rules! of_page {
    ($select:literal) => {
        concat!(
            $select,
            " account_id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
             $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, \
             $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50)"
        )
    };
}

impl Store {
    /// Lists a page of at most [`TEAM_PAGE`] members, and counts all that the filter selects.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_team(
        &self,
        filter: &TeamFilter,
    ) -> Result<(Vec<TeamMember>, i64), StoreError> {
        let bind = |sql: &'static str| {
            let state = match filter.state {
                TeamState::All => 0_i64,
                TeamState::Stuck => 1,
                TeamState::Quiet => 2,
            };
            filter
                .view
                .bind(Statement::new(sql))
                .bind(lower_pattern(&filter.text, self.engine()))
                .bind(state)
                .bind(filter.stuck_since)
                .bind(filter.quiet_since)
        };
        let count = bind(concat!("SELECT COUNT(*) AS count ", in_filter!()));
        let count = self.database.optional(count).await?;
        let count = count.map_or(Ok(0), |row| row.integer("count"))?;
        let sql = match filter.order {
            TeamOrder::Name => members!("name, id"),
            TeamOrder::Progress => members!(
                "(SELECT COUNT(read) FROM lesson_progress WHERE account_id = account.id) \
                 + (SELECT COUNT(*) FROM assessment_pass WHERE account_id = account.id), name, id"
            ),
            TeamOrder::Seen => members!("COALESCE(seen, 0), name, id"),
        };
        let rows = self.database.all(bind(sql).bind(filter.offset)).await?;
        let members = rows.iter().map(|row| {
            Ok(TeamMember {
                account: AccountId(row.integer("id")?),
                name: row.text("name")?,
                email: row.text("email")?,
                seen: row.optional_integer("last_seen")?,
                stuck: row.integer("stuck")?,
            })
        });
        Ok((members.collect::<Result<_, StoreError>>()?, count))
    }

    /// Returns whether an account is in a view.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_in_view(&self, view: TeamView, account: AccountId) -> Result<bool, StoreError> {
        let sql = concat!(
            "SELECT id FROM account WHERE id = $3 AND ",
            in_view!("account.id")
        );
        let select = view.bind(Statement::new(sql)).bind(account.0);
        Ok(self.database.optional(select).await?.is_some())
    }

    /// Returns what the members of a page have read and passed; at most [`TEAM_PAGE`] members.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn team_progress(&self, members: &[TeamMember]) -> Result<TeamProgress, StoreError> {
        let bind = |sql: &'static str| {
            let ids = members.iter().map(|member| member.account.0);
            let ids = ids.chain(std::iter::repeat(0)).take(TEAM_PAGE);
            ids.fold(Statement::new(sql), Statement::bind)
        };
        let mut progress = TeamProgress::default();
        let sql =
            of_page!("SELECT account_id, lesson FROM lesson_progress WHERE read IS NOT NULL AND");
        for row in self.database.all(bind(sql)).await? {
            let account = AccountId(row.integer("account_id")?);
            let read = progress.read.entry(account).or_default();
            read.push(row.text("lesson")?);
        }
        let sql = of_page!("SELECT account_id, kind, assessment FROM assessment_pass WHERE");
        for row in self.database.all(bind(sql)).await? {
            let account = AccountId(row.integer("account_id")?);
            let kind = AssessmentKind::parse(&row.text("kind")?);
            let kind = kind.ok_or_else(|| invalid_column("kind"))?;
            let passed = progress.passed.entry(account).or_default();
            passed.push((kind, row.text("assessment")?));
        }
        Ok(progress)
    }

    /// Returns how many members have opened, read and passed each lesson, exercise and quiz, and where they stop, without those
    /// who are disabled. For the whole team deleted accounts count too.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn team_numbers(&self, view: TeamView) -> Result<TeamNumbers, StoreError> {
        let all = async |sql| self.database.all(view.bind(Statement::new(sql))).await;
        let mut numbers = TeamNumbers::default();
        let sql = concat!(
            "SELECT lesson, COUNT(*) AS opened, COUNT(read) AS finished FROM lesson_progress WHERE ",
            counts_in_view!("lesson_progress.account_id"),
            " GROUP BY lesson"
        );
        for row in all(sql).await? {
            let lesson = LessonNumbers {
                opened: row.integer("opened")?,
                read: row.integer("finished")?,
            };
            numbers.lessons.insert(row.text("lesson")?, lesson);
        }
        let sql = concat!(
            "SELECT exercise, COUNT(*) AS started, COUNT(passed) AS finished, \
             COUNT(CASE WHEN solution_shown = 1 THEN 1 END) AS solutions FROM exercise_state WHERE ",
            counts_in_view!("exercise_state.account_id"),
            " GROUP BY exercise"
        );
        for row in all(sql).await? {
            let exercise = ExerciseNumbers {
                started: row.integer("started")?,
                passed: row.integer("finished")?,
                solutions: row.integer("solutions")?,
                stops: Vec::new(),
            };
            numbers.exercises.insert(row.text("exercise")?, exercise);
        }
        let sql = concat!(
            "SELECT exercise, step, COUNT(*) AS count FROM exercise_state WHERE passed IS NULL AND ",
            counts_in_view!("exercise_state.account_id"),
            " GROUP BY exercise, step ORDER BY exercise, count DESC, step"
        );
        for row in all(sql).await? {
            let exercise = numbers.exercises.entry(row.text("exercise")?).or_default();
            let stop = (row.integer("step")?, row.integer("count")?);
            exercise.stops.push(stop);
        }
        let sql = concat!(
            "SELECT assessment, COUNT(*) AS count FROM assessment_pass WHERE kind = 'quiz' AND ",
            counts_in_view!("assessment_pass.account_id"),
            " GROUP BY assessment"
        );
        for row in all(sql).await? {
            let quiz = (row.text("assessment")?, row.integer("count")?);
            numbers.quizzes.extend([quiz]);
        }
        if view == TeamView::default() {
            self.add_deleted_accounts(&mut numbers).await?;
        }
        Ok(numbers)
    }

    /// Adds what deleted accounts have read and passed.
    async fn add_deleted_accounts(&self, numbers: &mut TeamNumbers) -> Result<(), StoreError> {
        let lessons = Statement::new("SELECT lesson, opened, read FROM left_lesson");
        for row in self.database.all(lessons).await? {
            let lesson = numbers.lessons.entry(row.text("lesson")?).or_default();
            lesson.opened += row.integer("opened")?;
            lesson.read += row.integer("read")?;
        }
        let quizzes = Statement::new("SELECT quiz, passed FROM left_quiz");
        for row in self.database.all(quizzes).await? {
            *numbers.quizzes.entry(row.text("quiz")?).or_default() += row.integer("passed")?;
        }
        Ok(())
    }

    /// Counts the members who are stuck in each exercise. Failures in an exercise that was last tried before `since` do not count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_stuck(
        &self,
        view: TeamView,
        since: i64,
    ) -> Result<HashMap<String, i64>, StoreError> {
        let sql = concat!(
            "SELECT exercise, COUNT(*) AS count FROM ",
            stuck!("$3"),
            " JOIN account ON account.id = account_id WHERE disabled IS NULL AND ",
            in_view!("account.id"),
            " GROUP BY exercise"
        );
        let rows = self
            .database
            .all(view.bind(Statement::new(sql)).bind(since));
        let rows = rows.await?;
        let counts = rows.iter();
        let counts = counts.map(|row| Ok((row.text("exercise")?, row.integer("count")?)));
        counts.collect()
    }

    /// Lists a page of at most [`TEAM_PAGE`] exercises with the members who are stuck in them, the last tried first, and counts all.
    /// Failures in an exercise that was last tried before `since` do not count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_stuck(
        &self,
        view: TeamView,
        since: i64,
        offset: i64,
    ) -> Result<(Vec<StuckMember>, i64), StoreError> {
        let bind = |sql| view.bind(Statement::new(sql)).bind(since);
        let count = bind(concat!(
            "SELECT COUNT(*) AS count FROM ",
            stuck!("$3"),
            " JOIN account ON account.id = account_id WHERE disabled IS NULL AND ",
            in_view!("account.id"),
        ));
        let count = self.database.optional(count).await?;
        let count = count.map_or(Ok(0), |row| row.integer("count"))?;
        let sql = concat!(
            "SELECT stuck.account_id AS member, name, stuck.exercise AS exercise, failures, step, checked, \
             (SELECT MAX(created) FROM help_request WHERE answered IS NULL \
             AND help_request.account_id = stuck.account_id \
             AND help_request.exercise = stuck.exercise) AS asked, \
             (SELECT verdict FROM exercise_attempt \
             WHERE exercise_attempt.account_id = stuck.account_id \
             AND exercise_attempt.exercise = stuck.exercise ",
            last_graded!(),
            ") AS verdict FROM ",
            stuck!("$3"),
            " JOIN account ON account.id = stuck.account_id \
             LEFT JOIN exercise_state ON exercise_state.account_id = stuck.account_id \
             AND exercise_state.exercise = stuck.exercise WHERE disabled IS NULL AND ",
            in_view!("account.id"),
            " ORDER BY COALESCE(checked, 0) DESC, stuck.account_id, stuck.exercise LIMIT 50 OFFSET $4"
        );
        let rows = self.database.all(bind(sql).bind(offset)).await?;
        let stuck = rows.iter().map(|row| {
            let (checked, asked) = (
                row.optional_integer("checked")?,
                row.optional_integer("asked")?,
            );
            Ok(StuckMember {
                account: AccountId(row.integer("member")?),
                name: row.text("name")?,
                exercise: row.text("exercise")?,
                failures: row.optional_integer("failures")?.unwrap_or_default(),
                step: row.optional_integer("step")?.unwrap_or_default(),
                at: checked.max(asked).unwrap_or_default(),
                has_asked: asked.is_some(),
                verdict: row.optional_text("verdict")?.unwrap_or_default(),
            })
        });
        Ok((stuck.collect::<Result<_, StoreError>>()?, count))
    }

    /// Lists what each member has done last since a time, the newest first. Failures in an exercise that was last tried before
    /// `stuck_since` make nobody stuck.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn team_activity(
        &self,
        view: TeamView,
        since: i64,
        stuck_since: i64,
    ) -> Result<Vec<TeamActivity>, StoreError> {
        let bind = |sql| view.bind(Statement::new(sql)).bind(since);
        let lessons = concat!(
            "SELECT account_id, name, lesson, lesson_progress.seen AS at FROM lesson_progress \
             JOIN account ON account.id = account_id WHERE disabled IS NULL AND ",
            in_view!("account.id"),
            " AND lesson_progress.seen >= $3"
        );
        let exercises = concat!(
            "SELECT account_id, name, exercise, step, failures, passed, checked AS at, \
             CASE WHEN EXISTS (SELECT 1 FROM ",
            stuck!("$4"),
            " WHERE stuck.account_id = exercise_state.account_id \
             AND stuck.exercise = exercise_state.exercise) THEN 1 ELSE 0 END AS is_stuck \
             FROM exercise_state JOIN account ON account.id = account_id WHERE disabled IS NULL AND ",
            in_view!("account.id"),
            " AND checked >= $3"
        );
        let mut last: HashMap<AccountId, TeamActivity> = HashMap::new();
        let mut keep = |row: &Row, what| {
            let activity = TeamActivity {
                account: AccountId(row.integer("account_id")?),
                name: row.text("name")?,
                at: row.integer("at")?,
                what,
            };
            let kept = last.entry(activity.account).or_insert(activity.clone());
            if kept.at < activity.at {
                let is_at_step = matches!(
                    kept.what,
                    ActivityKind::Exercise {
                        is_passed: false,
                        ..
                    }
                );
                let is_reading = matches!(activity.what, ActivityKind::Lesson { .. });
                // Who looks something up is at the same step still.
                match is_at_step && is_reading {
                    true => kept.at = activity.at,
                    false => *kept = activity,
                }
            }
            Ok::<(), StoreError>(())
        };
        // Exercises first: opening the lesson of an exercise at the same time says less.
        let exercises = self.database.all(bind(exercises).bind(stuck_since));
        for row in exercises.await? {
            let what = ActivityKind::Exercise {
                exercise: row.text("exercise")?,
                step: row.integer("step")?,
                failures: row.integer("failures")?,
                is_passed: row.optional_integer("passed")?.is_some(),
                is_stuck: row.boolean("is_stuck")?,
            };
            keep(&row, what)?;
        }
        for row in self.database.all(bind(lessons)).await? {
            let lesson = row.text("lesson")?;
            keep(&row, ActivityKind::Lesson { lesson })?;
        }
        let mut activities: Vec<TeamActivity> = last.into_values().collect();
        activities.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.name.cmp(&b.name)));
        Ok(activities)
    }
}

/// Sums the attempts of an account at an exercise, after one was written or the exercise was passed. Attempts that are deleted
/// because of their age stay in the sums, which never become lower.
pub(super) async fn update_exercise_state(
    transaction: &mut Transaction,
    account: AccountId,
    exercise: &str,
) -> Result<(), StoreError> {
    // Passed is what the table of passes says: a sandbox can have passed the exercise in an attempt that it has forgotten.
    let sql = concat!(
        "INSERT INTO exercise_state \
         (account_id, exercise, attempts, failures, step, checked, passed, solution_shown) \
         SELECT $1, $2, COUNT(*), SUM(failures), \
         (SELECT step FROM exercise_attempt WHERE account_id = $1 AND exercise = $2 ",
        last_graded!(),
        "), MAX(checked), \
         (SELECT passed FROM assessment_pass \
         WHERE account_id = $1 AND kind = 'exercise' AND assessment = $2), MAX(solution_shown) \
         FROM exercise_attempt WHERE account_id = $1 AND exercise = $2 \
         HAVING COUNT(*) > 0 \
         ON CONFLICT (account_id, exercise) DO UPDATE SET \
         attempts = CASE WHEN exercise_state.attempts > excluded.attempts \
         THEN exercise_state.attempts ELSE excluded.attempts END, \
         failures = CASE WHEN exercise_state.failures > excluded.failures \
         THEN exercise_state.failures ELSE excluded.failures END, \
         step = excluded.step, checked = excluded.checked, passed = excluded.passed, \
         solution_shown = CASE WHEN exercise_state.solution_shown > excluded.solution_shown \
         THEN exercise_state.solution_shown ELSE excluded.solution_shown END"
    );
    let upsert = Statement::new(sql).bind(account.0).bind(exercise);
    transaction.write(upsert).await.map(drop)
}
