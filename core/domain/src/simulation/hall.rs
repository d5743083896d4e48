//! The officers who take steps.

use super::{Impossible, SimulationScene, Staff, post_of};
use crate::people::organisation::Post;
use crate::workflow::{Step, UnitPlace};

/// The officers and their posts.
pub struct SimulatedOffice {
    pub posts: Vec<Post>,
    /// The posts of each officer, by their indexes.
    pub officers: Vec<Vec<usize>>,
    pub own: UnitPlace,
}

impl SimulatedOffice {
    pub fn new(scene: SimulationScene<'_>, staff: &Staff) -> Result<Self, Impossible> {
        let procedure = scene.procedure;
        let own = procedure.place_in(&scene.agency());
        let mut posts: Vec<Post> = Vec::new();
        for step in &procedure.workflow.steps {
            for place in places(step, &own) {
                let Some(wanted) = post_of(step, place) else { continue };
                let held = || staff.iter().flatten().find(|post| post.serves(step.role, &place.agency, &place.unit));
                let found = held().cloned().ok_or_else(|| Impossible::Nobody(step.id.clone(), wanted))?;
                if !posts.contains(&found) {
                    posts.push(found);
                }
            }
        }
        let holds = |held: &Vec<Post>| (0..posts.len()).filter(|at| held.contains(&posts[*at])).collect::<Vec<_>>();
        let officers = staff.iter().map(holds).filter(|held| !held.is_empty()).collect();
        Ok(Self { posts, officers, own })
    }

    pub fn post(&self, step: &Step, place: &UnitPlace) -> usize {
        let serves = |post: &Post| post.serves(step.role, &place.agency, &place.unit);
        self.posts.iter().position(serves).unwrap_or(0)
    }
}

pub fn places<'a>(step: &'a Step, own: &'a UnitPlace) -> Vec<&'a UnitPlace> {
    match &step.many {
        Some(many) => many.places.iter().collect(),
        None => vec![step.place.as_ref().unwrap_or(own)],
    }
}
