//! The list of users: filtered, sorted and paged.
//!
//! Each sort order has a constant statement; all other choices are bound values. For a visitor
//! without a sandbox, Rust code selects from the seed by the same rules.

use std::cmp::Ordering;

use crate::database::{DatabaseError, Statement, like_pattern};
use crate::model::user::{User, UserField, UserOrder, UserRole, fold};
use crate::sandbox::user_row::user_from_row;
use crate::sandbox::{DataScope, SandboxId, Sandboxes};

/// The filter, order and page of a list of users.
#[derive(Clone, Debug)]
pub struct UserFilter {
    /// Only users with this role.
    pub role: Option<UserRole>,
    /// Only users whose name or email address contains this text, ignoring case.
    pub search: Option<String>,
    /// The sort order.
    pub order: UserOrder,
    /// Only users with a greater id.
    pub after: i64,
    /// How many users to skip.
    pub offset: i64,
    /// The maximum number of users to return.
    pub limit: i64,
}

impl UserFilter {
    /// Every user, sorted by id.
    pub const ALL: UserFilter = UserFilter {
        role: None,
        search: None,
        order: UserOrder::ID,
        after: 0,
        offset: 0,
        limit: i64::MAX,
    };
}

/// One page of the list of users.
#[derive(Clone, Debug)]
pub struct UserPage {
    /// The users of this page.
    pub users: Vec<User>,
    /// The number of users in the whole filtered list.
    pub total: usize,
    /// Whether more users follow this page.
    pub has_more: bool,
}

impl UserPage {
    /// Builds a page from up to `limit + 1` users; the additional one shows that more follow.
    fn of(mut users: Vec<User>, total: i64, limit: i64) -> UserPage {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = users.len() > limit;
        users.truncate(limit);
        UserPage {
            users,
            total: usize::try_from(total).unwrap_or_default(),
            has_more,
        }
    }
}

impl Sandboxes {
    /// Lists users.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn list_users(
        &self,
        scope: &DataScope,
        filter: &UserFilter,
    ) -> Result<UserPage, DatabaseError> {
        let Some(sandbox) = scope.sandbox else {
            return Ok(select_from_seed(self.seed(), filter));
        };
        let statement = bind_filter(select_statement(filter.order), sandbox, filter)
            .bind(filter.after)
            .bind(filter.limit.saturating_add(1))
            .bind(filter.offset)
            .traced(&scope.trace);
        let rows = self.database.all(statement).await?;
        let users: Vec<User> = rows.iter().map(user_from_row).collect::<Result<_, _>>()?;
        let total = match rows.first() {
            Some(row) => row.integer("total")?,
            // A page past the end has no row with the total, so a second statement counts.
            None => {
                let count = bind_filter(COUNT, sandbox, filter).traced(&scope.trace);
                let row = self.database.optional(count).await?;
                row.map_or(Ok(0), |row| row.integer("total"))?
            }
        };
        Ok(UserPage::of(users, total, filter.limit))
    }
}

/// Returns a statement with its first values bound: the sandbox, the role and the search pattern.
/// An empty text stands for every role, and for no search.
fn bind_filter(text: &'static str, sandbox: SandboxId, filter: &UserFilter) -> Statement {
    let search = filter.search.as_deref();
    Statement::new(text)
        .bind(sandbox.0)
        .bind(filter.role.map_or("", UserRole::as_str))
        .bind(search.map_or_else(String::new, |search| like_pattern(&fold(search))))
}

macro_rules! condition {
    () => {
        "sandbox_id = $1 AND ($2 = '' OR role = $2) \
         AND ($3 = '' OR name_folded LIKE $3 ESCAPE '\\' OR email_folded LIKE $3 ESCAPE '\\')"
    };
}

const COUNT: &str = concat!("SELECT COUNT(*) AS total FROM users WHERE ", condition!());

macro_rules! select_ordered_by {
    ($order:literal) => {
        concat!(
            "SELECT id, name, email, role, bio, created_at, updated_at, \
             (SELECT COUNT(*) FROM users WHERE ",
            condition!(),
            ") AS total FROM users WHERE ",
            condition!(),
            " AND id > $4 ORDER BY ",
            $order,
            " LIMIT $5 OFFSET $6"
        )
    };
}

/// Returns the statement of a sort order. Both engines compare texts by code point; a missing bio
/// sorts before every bio.
fn select_statement(order: UserOrder) -> &'static str {
    match (order.by, order.descending) {
        (UserField::Id, false) => select_ordered_by!("id"),
        (UserField::Id, true) => select_ordered_by!("id DESC"),
        (UserField::Name, false) => select_ordered_by!("name, id"),
        (UserField::Name, true) => select_ordered_by!("name DESC, id"),
        (UserField::Email, false) => select_ordered_by!("email, id"),
        (UserField::Email, true) => select_ordered_by!("email DESC, id"),
        (UserField::Role, false) => select_ordered_by!("role, id"),
        (UserField::Role, true) => select_ordered_by!("role DESC, id"),
        (UserField::Bio, false) => select_ordered_by!("bio NULLS FIRST, id"),
        (UserField::Bio, true) => select_ordered_by!("bio DESC NULLS LAST, id"),
        (UserField::CreatedAt, false) => select_ordered_by!("created_at, id"),
        (UserField::CreatedAt, true) => select_ordered_by!("created_at DESC, id"),
        (UserField::UpdatedAt, false) => select_ordered_by!("updated_at, id"),
        (UserField::UpdatedAt, true) => select_ordered_by!("updated_at DESC, id"),
    }
}

/// Selects from users in memory, by the same rules as the statements.
fn select_from_seed(users: &[User], filter: &UserFilter) -> UserPage {
    let search = filter.search.as_deref().map(fold).unwrap_or_default();
    let matches = |user: &&User| {
        filter.role.is_none_or(|role| user.role == role)
            && (user.name_folded().contains(&search) || user.email.folded().contains(&search))
    };
    let mut found: Vec<&User> = users.iter().filter(matches).collect();
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    found.sort_by(|one, other| compare(one, other, filter.order));
    let number = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    let page = found
        .into_iter()
        .filter(|user| user.id.get() > filter.after)
        .skip(number(filter.offset))
        .take(number(filter.limit.saturating_add(1)));
    UserPage::of(page.cloned().collect(), total, filter.limit)
}

fn compare(one: &User, other: &User, order: UserOrder) -> Ordering {
    let by = match order.by {
        UserField::Id => one.id.cmp(&other.id),
        UserField::Name => one.name.cmp(&other.name),
        UserField::Email => one.email.as_str().cmp(other.email.as_str()),
        UserField::Role => one.role.as_str().cmp(other.role.as_str()),
        UserField::Bio => one.bio.cmp(&other.bio),
        UserField::CreatedAt => one.created_at.cmp(&other.created_at),
        UserField::UpdatedAt => one.updated_at.cmp(&other.updated_at),
    };
    let by = if order.descending { by.reverse() } else { by };
    by.then(one.id.cmp(&other.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_sorts_by_its_own_column() {
        let orders = UserField::ALL
            .into_iter()
            .flat_map(|by| [false, true].map(|descending| UserOrder { by, descending }));
        for order in orders {
            let text = select_statement(order);
            let (_, sorted) = text.split_once("ORDER BY ").expect("an order");
            assert!(sorted.starts_with(order.by.as_str()), "{text}");
            assert_eq!(sorted.contains("DESC"), order.descending, "{text}");
            assert!(!text.replace("DESC", "").contains('"'), "{text}");
        }
    }

    #[test]
    fn page_reports_whether_more_users_follow() {
        let of = |limit, users: usize| {
            let seed = crate::sandbox::seed::users();
            let page = UserPage::of(seed[..users].to_vec(), 12, limit);
            (page.users.len(), page.has_more)
        };
        assert_eq!(of(2, 3), (2, true));
        assert_eq!(of(3, 3), (3, false));
        assert_eq!(of(i64::MAX, 12), (12, false));
    }
}
