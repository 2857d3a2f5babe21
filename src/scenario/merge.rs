use super::{
    shape::Shape,
    tree::{Entry, Node, Table, Value},
};

/// Lays `patch` over `base`: tables merge by name, other values are replaced, and a kind replaces the other kinds of its table.
fn merge(base: &mut Table, patch: Table, shape: Option<&Shape>) {
    choose_kinds(base, &patch, shape);
    for entry in patch.entries {
        let below = shape.and_then(|shape| shape.child(&entry.key));
        match base.entries.iter_mut().find(|earlier| earlier.key == entry.key) {
            Some(earlier) => overlay(earlier, entry, below),
            None => base.entries.push(entry),
        }
    }
    base.aside.extend(patch.aside);
}

fn overlay(earlier: &mut Entry, later: Entry, shape: Option<&Shape>) {
    earlier.key_place = later.key_place;
    match (&mut earlier.node.value, later.node.value) {
        (Value::Table(base), Value::Table(patch)) => {
            earlier.node.place = later.node.place;
            merge(base, patch, shape);
        }
        (_, value) => earlier.node = Node { value, place: later.node.place },
    }
}

/// Removes the kinds of `base` that `patch` replaces, and restores those that it names again.
fn choose_kinds(base: &mut Table, patch: &Table, shape: Option<&Shape>) {
    let Some(shape) = shape else { return };
    let in_patch = |key: &str| patch.entry(key).is_some();
    if !patch.entries.iter().any(|entry| shape.is_kind(&entry.key)) {
        return;
    }
    let (aside, kept): (Vec<Entry>, Vec<Entry>) = std::mem::take(&mut base.entries)
        .into_iter()
        .partition(|entry| shape.is_kind(&entry.key) && !in_patch(&entry.key));
    base.entries = kept;
    let (taken, left): (Vec<Entry>, Vec<Entry>) =
        std::mem::take(&mut base.aside).into_iter().partition(|entry| in_patch(&entry.key));
    base.entries.extend(taken.into_iter().rev().take(1));
    base.aside = left;
    base.aside.extend(aside);
}

/// Lays a layer over a whole scenario. A file of miners replaces the classes and machines of the layers below it, as one kind replaces another;
/// classes in the same layer or in one above remain and contradict it.
pub fn lay(base: &mut Table, layer: Table, shape: &Shape) {
    if layer.at(&["population", "csv"]).is_some() {
        base.entries.retain(|entry| !IN_PLACE_OF_A_FILE.contains(&entry.key.as_str()));
        let population = base.entries.iter_mut().find(|entry| entry.key == "population");
        if let Some(Entry { node: Node { value: Value::Table(population), .. }, .. }) = population {
            population.entries.retain(|entry| entry.key != MIX_SHAPE);
        }
    }
    merge(base, layer, Some(shape));
}

/// The tables that describe drawn miners.
pub const IN_PLACE_OF_A_FILE: [&str; 2] = ["class", "fleet"];

/// The key of `[population]` by which the fleets of drawn miners differ.
pub const MIX_SHAPE: &str = "mix_shape";

/// Turns `retarget = "asert"` into the table `[retarget.asert]` without keys of its own.
pub fn name_kinds(table: &mut Table, shape: &Shape) {
    for entry in &mut table.entries {
        let Some(below) = shape.child(&entry.key) else { continue };
        if below.kinds.is_some()
            && let Value::Text(kind) = &entry.node.value
        {
            let place = entry.node.place;
            let chosen = Entry {
                key: kind.clone(),
                key_place: place,
                node: Node { value: Value::Table(Table::default()), place },
            };
            entry.node.value = Value::Table(Table { entries: vec![chosen], aside: Vec::new() });
        }
        if let Value::Table(inner) = &mut entry.node.value {
            name_kinds(inner, below);
        }
    }
}
