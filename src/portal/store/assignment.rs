//! Assignments: lessons that a member, a group or everybody is to do until the end of a day.
//!
//! An admin, and a mentor who belongs to no group, may give lessons to everybody, to each group and to each member; a mentor who
//! belongs to groups only to these and to their members.

use std::collections::BTreeSet;

use crate::database::{Statement, Transaction};
use crate::model::account::{AccountId, TeamRole};
use crate::portal::store::audit::{self, Actor, AuditAction};
use crate::portal::store::group::GroupId;
use crate::portal::store::{Store, StoreError};

/// An admin or a mentor, and which part of the team is looked after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TeamMentor {
    /// The account.
    pub account: AccountId,
    /// Whether it is the whole team, or only the groups of the account.
    pub is_whole_team: bool,
}

/// Lessons with a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The id.
    pub id: i64,
    /// The name of the group; `None` for a member or everybody.
    pub group: Option<String>,
    /// The name of the member; `None` for a group or everybody.
    pub member: Option<String>,
    /// The last day, as `2026-11-29`.
    pub due: String,
    /// The name of who gave it, unless the account was deleted.
    pub creator: Option<String>,
    /// The paths of the lessons, in order.
    pub lessons: Vec<String>,
    /// How many learners who can be seen it is for.
    pub members: i64,
    /// How many of them have read all lessons.
    pub readers: i64,
}

/// Who is to do the lessons of an assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// Everybody.
    Everybody,
    /// The members of a group.
    Group(GroupId),
    /// One member.
    Member(AccountId),
}

/// The values of an assignment to create.
#[derive(Clone, Debug)]
pub struct NewAssignment {
    /// Who is to do it.
    pub assignee: Assignee,
    /// The last day, as `2026-11-29`.
    pub due: String,
    /// The paths of the lessons, in order, each once.
    pub lessons: Vec<String>,
}

/// A lesson that a member is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueLesson {
    /// The path of the lesson.
    pub lesson: String,
    /// The last day, as `2026-11-29`; the earliest when several assignments contain the lesson.
    pub due: String,
}

/// What became of a new assignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignOutcome {
    /// It was created.
    Assigned,
    /// The group or the member does not exist, or somebody may not look after it.
    NotFound,
    /// The member is disabled.
    Disabled,
    /// These of its lessons are given already, until these days.
    GivenAlready(Vec<DueLesson>),
}

/// The condition that somebody may see an assignment: `$1` is whether that is the whole team, `$2` the account.
macro_rules! in_view_of_mentor {
    () => {
        "($1 = 1 OR (assignment.group_id IS NULL AND assignment.account_id IS NULL) \
         OR assignment.group_id IN (SELECT group_id FROM group_member WHERE account_id = $2) \
         OR assignment.account_id IN (SELECT member.account_id FROM group_member AS member \
         JOIN group_member AS own ON own.group_id = member.group_id WHERE own.account_id = $2))"
    };
}

/// The order of assignments: first those that are due on the day `$3` or later, the earliest first; then the others, the latest first.
macro_rules! next_due_first {
    () => {
        "CASE WHEN due >= $3 THEN 0 ELSE 1 END, CASE WHEN due >= $3 THEN due END, due DESC, \
         assignment.id"
    };
}

/// The ids of a page of assignments: at most `$4` after the first `$5`.
macro_rules! page_of_assignments {
    () => {
        concat!(
            "(SELECT assignment.id FROM assignment WHERE ",
            in_view_of_mentor!(),
            " ORDER BY ",
            next_due_first!(),
            " LIMIT $4 OFFSET $5)"
        )
    };
}

impl Store {
    /// Returns which part of the team an admin or a mentor looks after.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn team_mentor(
        &self,
        account: AccountId,
        role: TeamRole,
    ) -> Result<TeamMentor, StoreError> {
        let is_whole_team =
            role == TeamRole::Admin || self.list_groups_of(account).await?.is_empty();
        Ok(TeamMentor {
            account,
            is_whole_team,
        })
    }

    /// Returns how many assignments somebody may see.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_assignments(&self, mentor: TeamMentor) -> Result<i64, StoreError> {
        let sql = concat!(
            "SELECT COUNT(*) AS assignments FROM assignment WHERE ",
            in_view_of_mentor!()
        );
        let select = Statement::new(sql)
            .bind(mentor.is_whole_team)
            .bind(mentor.account.0);
        let row = self.database.optional(select).await?;
        row.map_or(Ok(0), |row| row.integer("assignments"))
    }

    /// Lists assignments that somebody may see, the next due first and those whose day is over at the end: at most `limit` after the
    /// first `offset`. A mentor of groups sees those of these groups, of their members and of everybody.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_assignments(
        &self,
        mentor: TeamMentor,
        today: &str,
        (offset, limit): (i64, i64),
    ) -> Result<Vec<Assignment>, StoreError> {
        let bind = |sql| {
            Statement::new(sql)
                .bind(mentor.is_whole_team)
                .bind(mentor.account.0)
                .bind(today)
                .bind(limit)
                .bind(offset)
        };
        let sql = concat!(
            "SELECT assignment.id, team_group.name AS group_name, due, \
             account.name AS creator, assignee.name AS member, lesson \
             FROM assignment JOIN assignment_lesson ON assignment_id = assignment.id \
             LEFT JOIN team_group ON team_group.id = assignment.group_id \
             LEFT JOIN account ON account.id = created_by \
             LEFT JOIN account AS assignee ON assignee.id = assignment.account_id \
             WHERE assignment.id IN ",
            page_of_assignments!(),
            " ORDER BY ",
            next_due_first!(),
            ", position"
        );
        let mut assignments: Vec<Assignment> = Vec::new();
        for row in self.database.all(bind(sql)).await? {
            let (id, lesson) = (row.integer("id")?, row.text("lesson")?);
            match assignments.last_mut() {
                Some(last) if last.id == id => last.lessons.push(lesson),
                _ => assignments.push(Assignment {
                    id,
                    group: row.optional_text("group_name")?,
                    member: row.optional_text("member")?,
                    due: row.text("due")?,
                    creator: row.optional_text("creator")?,
                    lessons: vec![lesson],
                    members: 0,
                    readers: 0,
                }),
            }
        }
        let sql = concat!(
            "SELECT assignment.id, COUNT(*) AS members, COUNT(CASE WHEN NOT EXISTS \
             (SELECT 1 FROM assignment_lesson WHERE assignment_id = assignment.id AND NOT EXISTS \
             (SELECT 1 FROM lesson_progress WHERE lesson_progress.account_id = account.id \
             AND lesson_progress.lesson = assignment_lesson.lesson AND read IS NOT NULL)) \
             THEN 1 END) AS readers FROM assignment JOIN account ON disabled IS NULL \
             AND (assignment.account_id = account.id OR (role = 'learner' \
             AND assignment.account_id IS NULL AND (assignment.group_id IS NULL OR EXISTS \
             (SELECT 1 FROM group_member WHERE group_member.group_id = assignment.group_id \
             AND group_member.account_id = account.id)))) \
             WHERE assignment.id IN ",
            page_of_assignments!(),
            " AND ($1 = 1 OR EXISTS (SELECT 1 FROM group_member AS theirs \
             JOIN group_member AS own ON own.group_id = theirs.group_id \
             WHERE own.account_id = $2 AND theirs.account_id = account.id)) \
             GROUP BY assignment.id"
        );
        for row in self.database.all(bind(sql)).await? {
            let id = row.integer("id")?;
            if let Some(assignment) = assignments.iter_mut().find(|one| one.id == id) {
                assignment.members = row.integer("members")?;
                assignment.readers = row.integer("readers")?;
            }
        }
        Ok(assignments)
    }

    /// Creates an assignment, unless one of its lessons is given to the same member, the same group or everybody already.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_assignment(
        &self,
        assignment: NewAssignment,
        mentor: TeamMentor,
        actor: &Actor,
        now: i64,
    ) -> Result<AssignOutcome, StoreError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                let (assignment, actor) = (assignment.clone(), actor.clone());
                Box::pin(async move { create(transaction, assignment, mentor, &actor, now).await })
            })
            .await
    }

    /// Deletes an assignment. Returns `false` when it does not exist or somebody may not look after its group or member.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_assignment(
        &self,
        id: i64,
        mentor: TeamMentor,
        actor: &Actor,
        now: i64,
    ) -> Result<bool, StoreError> {
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    let subject = assignee_name(transaction, id).await?;
                    let sql = "DELETE FROM assignment WHERE id = $1 AND ($2 = 1 \
                               OR group_id IN (SELECT group_id FROM group_member WHERE account_id = $3) \
                               OR account_id IN (SELECT member.account_id FROM group_member AS member \
                               JOIN group_member AS own ON own.group_id = member.group_id \
                               WHERE own.account_id = $3)) RETURNING due";
                    let delete = Statement::new(sql)
                        .bind(id)
                        .bind(mentor.is_whole_team)
                        .bind(mentor.account.0);
                    let Some(row) = transaction.optional(delete).await? else {
                        return Ok(false);
                    };
                    let due = row.text("due")?;
                    let about = (subject.as_str(), due.as_str());
                    let action = AuditAction::DeleteAssignment;
                    audit::record(transaction, &actor, action, about, now).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Lists the lessons that a member is to do, each once with its earliest day, the next due first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_due_lessons(&self, account: AccountId) -> Result<Vec<DueLesson>, StoreError> {
        let sql = "SELECT lesson, due FROM assignment \
                   JOIN assignment_lesson ON assignment_id = assignment.id \
                   WHERE assignment.account_id = $1 \
                   OR (group_id IS NULL AND assignment.account_id IS NULL) \
                   OR group_id IN (SELECT group_id FROM group_member WHERE account_id = $1) \
                   ORDER BY due, assignment.id, position";
        let rows = self.database.all(Statement::new(sql).bind(account.0));
        let mut known = BTreeSet::new();
        let mut due = Vec::new();
        for row in rows.await? {
            let lesson = row.text("lesson")?;
            if known.insert(lesson.clone()) {
                due.push(DueLesson {
                    lesson,
                    due: row.text("due")?,
                });
            }
        }
        Ok(due)
    }
}

async fn create(
    transaction: &mut Transaction,
    assignment: NewAssignment,
    mentor: TeamMentor,
    actor: &Actor,
    now: i64,
) -> Result<AssignOutcome, StoreError> {
    lock(transaction, assignment.assignee).await?;
    match find_assignee(transaction, assignment.assignee, mentor).await? {
        None => return Ok(AssignOutcome::NotFound),
        Some(AssigneeState::Disabled) => return Ok(AssignOutcome::Disabled),
        Some(AssigneeState::Enabled) => {}
    }
    let (group, member) = match assignment.assignee {
        Assignee::Everybody => (None, None),
        Assignee::Group(group) => (Some(group.0), None),
        Assignee::Member(member) => (None, Some(member.0)),
    };
    let sql = "SELECT lesson, due FROM assignment \
               JOIN assignment_lesson ON assignment_id = assignment.id \
               WHERE COALESCE(group_id, 0) = $1 AND COALESCE(account_id, 0) = $2 \
               ORDER BY due, assignment.id, position";
    let select = Statement::new(sql)
        .bind(group.unwrap_or_default())
        .bind(member.unwrap_or_default());
    let mut given = Vec::new();
    for row in transaction.all(select).await? {
        given.push(DueLesson {
            lesson: row.text("lesson")?,
            due: row.text("due")?,
        });
    }
    given.retain(|given| assignment.lessons.contains(&given.lesson));
    if !given.is_empty() {
        return Ok(AssignOutcome::GivenAlready(given));
    }
    let sql = "INSERT INTO assignment (group_id, account_id, due, created, created_by) \
               VALUES ($1, $2, $3, $4, $5) RETURNING id";
    let insert = Statement::new(sql)
        .bind(group)
        .bind(member)
        .bind(&assignment.due)
        .bind(now)
        .bind(mentor.account.0);
    let Some(row) = transaction.optional(insert).await? else {
        return Ok(AssignOutcome::NotFound);
    };
    let id = row.integer("id")?;
    for (position, lesson) in (0_i64..).zip(&assignment.lessons) {
        let sql = "INSERT INTO assignment_lesson (assignment_id, position, lesson) \
                   VALUES ($1, $2, $3)";
        let insert = Statement::new(sql).bind(id).bind(position).bind(lesson);
        transaction.write(insert).await?;
    }
    let subject = assignee_name(transaction, id).await?;
    let detail = format!("{} → {}", assignment.lessons.join(", "), assignment.due);
    let about = (subject.as_str(), detail.as_str());
    audit::record(transaction, actor, AuditAction::Assign, about, now).await?;
    Ok(AssignOutcome::Assigned)
}

/// Locks whom lessons are given to, so that of two assignments at once one finds the other. For everybody these are the rows of the
/// admins, of which there is at least one.
async fn lock(transaction: &mut Transaction, assignee: Assignee) -> Result<(), StoreError> {
    let lock = match assignee {
        Assignee::Group(group) => {
            Statement::new("UPDATE team_group SET created = created WHERE id = $1").bind(group.0)
        }
        Assignee::Member(member) => {
            Statement::new("UPDATE account SET updated = updated WHERE id = $1").bind(member.0)
        }
        Assignee::Everybody => {
            Statement::new("UPDATE account SET updated = updated WHERE role = 'admin'")
        }
    };
    transaction.write(lock).await.map(drop)
}

/// Whether lessons can be given to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AssigneeState {
    Enabled,
    /// A member who cannot log in.
    Disabled,
}

/// Finds whom lessons are given to; `None` when there is no such group or member, or the mentor may not look after it.
async fn find_assignee(
    transaction: &mut Transaction,
    assignee: Assignee,
    mentor: TeamMentor,
) -> Result<Option<AssigneeState>, StoreError> {
    let group = "SELECT id FROM team_group WHERE id = $1 \
                 AND ($2 = 1 OR id IN (SELECT group_id FROM group_member WHERE account_id = $3))";
    let member = "SELECT id, disabled FROM account WHERE id = $1 \
                  AND ($2 = 1 OR id IN (SELECT member.account_id FROM group_member AS member \
                  JOIN group_member AS own ON own.group_id = member.group_id \
                  WHERE own.account_id = $3))";
    let select = match assignee {
        Assignee::Everybody => {
            return Ok(mentor.is_whole_team.then_some(AssigneeState::Enabled));
        }
        Assignee::Group(id) => Statement::new(group).bind(id.0),
        Assignee::Member(id) => Statement::new(member).bind(id.0),
    };
    let select = select.bind(mentor.is_whole_team).bind(mentor.account.0);
    let Some(row) = transaction.optional(select).await? else {
        return Ok(None);
    };
    let is_disabled = match assignee {
        Assignee::Member(_) => row.optional_integer("disabled")?.is_some(),
        Assignee::Group(_) | Assignee::Everybody => false,
    };
    Ok(Some(match is_disabled {
        true => AssigneeState::Disabled,
        false => AssigneeState::Enabled,
    }))
}

/// Returns the name of the group of an assignment, or the address of its member; empty for everybody.
async fn assignee_name(
    transaction: &mut Transaction,
    assignment: i64,
) -> Result<String, StoreError> {
    let sql = "SELECT COALESCE(team_group.name, account.email, '') AS name FROM assignment \
               LEFT JOIN team_group ON team_group.id = assignment.group_id \
               LEFT JOIN account ON account.id = assignment.account_id \
               WHERE assignment.id = $1";
    let row = transaction.optional(Statement::new(sql).bind(assignment));
    row.await?.map_or(Ok(String::new()), |row| row.text("name"))
}
