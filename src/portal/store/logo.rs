//! The picture beside the name of the site that admins have uploaded: at most one row.

use crate::database::Statement;
use crate::portal::store::audit::Actor;
use crate::portal::store::{Store, StoreError, setting};

/// A picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    /// The last segment of its address: the hash of the bytes, and the format.
    pub name: String,
    /// The media type.
    pub media_type: String,
    /// The width in CSS pixels.
    pub width: u32,
    /// The height in CSS pixels.
    pub height: u32,
    /// The bytes of the file.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Logo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Logo({})", self.name)
    }
}

impl Logo {
    /// Returns the address, which changes with the bytes.
    #[must_use]
    pub fn href(&self) -> String {
        format!("/pictures/{}", self.name)
    }
}

impl Store {
    /// Returns the picture with a name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_logo(&self, name: &str) -> Result<Option<Logo>, StoreError> {
        let sql = "SELECT name, media_type, width, height, bytes FROM logo WHERE name = $1";
        let row = self.database.optional(Statement::new(sql).bind(name));
        let Some(row) = row.await? else {
            return Ok(None);
        };
        let pixels = |column| {
            row.integer(column)
                .map(|pixels| u32::try_from(pixels).unwrap_or(0))
        };
        Ok(Some(Logo {
            name: row.text("name")?,
            media_type: row.text("media_type")?,
            width: pixels("width")?,
            height: pixels("height")?,
            bytes: row.blob("bytes")?,
        }))
    }

    /// Replaces the picture with the name `old`, or removes it, and sets its name in the settings.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_logo(
        &self,
        logo: Option<Logo>,
        old: &str,
        actor: &Actor,
        now: i64,
    ) -> Result<(), StoreError> {
        let name = logo.as_ref().map_or("", |logo| &*logo.name).to_owned();
        if name == old {
            return Ok(());
        }
        let detail = format!("{old:?} → {name:?}");
        let actor = actor.clone();
        self.database
            .transaction(move |transaction| {
                Box::pin(async move {
                    transaction
                        .write(Statement::new("DELETE FROM logo"))
                        .await?;
                    if let Some(logo) = logo {
                        let sql = "INSERT INTO logo (name, media_type, width, height, bytes) \
                                   VALUES ($1, $2, $3, $4, $5)";
                        let insert = Statement::new(sql)
                            .bind(logo.name)
                            .bind(logo.media_type)
                            .bind(i64::from(logo.width))
                            .bind(i64::from(logo.height))
                            .bind(logo.bytes);
                        transaction.write(insert).await?;
                    }
                    let change = ("logo", format!("{name:?}"), &*detail);
                    setting::change(transaction, change, &actor, now).await
                })
            })
            .await
    }
}
