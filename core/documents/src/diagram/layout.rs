//! The positions of a workflow's steps, and the lines between them.

use motcua_domain::names::ActionId;
use motcua_domain::text::Text;
use motcua_domain::workflow::{Effect, Step, Workflow};
use rust_sugiyama::configure::{Config, RankingType};
use std::collections::BTreeMap;

/// The size of a step, and the room between columns and rows.
pub const BOX: DiagramPoint = DiagramPoint { x: 160.0, y: 56.0 };
const COLUMN: f64 = 246.0;
const ROW: f64 = 124.0;
/// The room at the left for the names of lanes, and around everything.
pub const HEAD: f64 = 54.0;
const MARGIN: f64 = 14.0;
/// Half the width of a sign.
pub const SIGN: f64 = 18.0;

/// A place on the diagram, in pixels from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct DiagramPoint {
    pub x: f64,
    pub y: f64,
}

/// The kind of a node on the diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiagramNodeKind {
    /// The beginning of a dossier.
    Start,
    /// A step, by its index in the workflow.
    Step(usize),
    /// The end of a dossier, reached from the step.
    End(usize),
    /// A gateway or an event of BPMN.
    Sign,
}

/// A node with its centre.
#[derive(Debug, Clone, PartialEq)]
pub struct DiagramNode {
    pub kind: DiagramNodeKind,
    pub lane: usize,
    pub at: DiagramPoint,
}

/// A line from one node to another.
#[derive(Debug, Clone, PartialEq)]
pub struct DiagramLine {
    pub from: usize,
    pub to: usize,
    /// The actions that lead this way, from the step at which the line begins.
    pub actions: Vec<ActionId>,
    /// The line leads to an earlier step.
    pub back: bool,
    /// Its corners, from the edge of one node to the edge of the other.
    pub points: Vec<DiagramPoint>,
}

/// A diagram with positions.
#[derive(Debug, Clone, PartialEq)]
pub struct DiagramLayout {
    /// The names of the lanes with their upper edge and height.
    pub lanes: Vec<(Text, f64, f64)>,
    pub nodes: Vec<DiagramNode>,
    pub routes: Vec<DiagramLine>,
    pub size: DiagramPoint,
}

/// A line before the layout.
pub(crate) struct DiagramEdge {
    pub from: usize,
    pub to: usize,
    pub actions: Vec<ActionId>,
    pub back: bool,
}

impl DiagramLayout {
    /// Lays out a workflow. `lane` returns the role or unit that takes a step.
    pub fn of(workflow: &Workflow, lane: impl Fn(&Step) -> Text) -> Self {
        let (kinds, edges) = graph(workflow);
        let lanes = kinds.iter().map(|kind| {
            let step = match kind {
                DiagramNodeKind::Step(step) | DiagramNodeKind::End(step) => workflow.steps.get(*step),
                DiagramNodeKind::Start | DiagramNodeKind::Sign => workflow.steps.first(),
            };
            step.map_or_else(Text::default, &lane)
        });
        let lanes = lanes.collect();
        Self::arrange(&kinds, lanes, edges)
    }

    /// Computes the positions of nodes, each in the lane of its name, and the corners of lines.
    pub(crate) fn arrange(kinds: &[DiagramNodeKind], in_lanes: Vec<Text>, mut edges: Vec<DiagramEdge>) -> Self {
        mark_back(kinds.len(), &mut edges);
        let (columns, order) = columns(kinds.len(), &edges);
        let mut names: Vec<Text> = Vec::new();
        let mut lane_of = |name: Text| {
            names.iter().position(|known| *known == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            })
        };
        let lanes: Vec<usize> = in_lanes.into_iter().map(&mut lane_of).collect();
        let middles = middles(kinds, &columns);
        let rows = rows(&columns, &order, &lanes);
        let heights: Vec<f64> = (0..names.len())
            .map(|lane| {
                let deepest = (0..kinds.len()).filter(|at| lanes[*at] == lane).map(|at| rows[at]).max();
                (count(deepest.unwrap_or(0)) + 1.0) * ROW
            })
            .collect();
        let top = |lane: usize| MARGIN + heights[..lane].iter().sum::<f64>();
        let nodes: Vec<DiagramNode> = (0..kinds.len())
            .map(|at| {
                // Beginning and end are small, so they stand close to their steps.
                let x = match kinds[at] {
                    DiagramNodeKind::Start => HEAD + 24.0,
                    DiagramNodeKind::End(_) => middles[columns[at]] - COLUMN + BOX.x / 2.0 + 44.0,
                    DiagramNodeKind::Step(_) | DiagramNodeKind::Sign => middles[columns[at]],
                };
                let y = top(lanes[at]) + (count(rows[at]) + 0.5) * ROW;
                DiagramNode { kind: kinds[at], lane: lanes[at], at: DiagramPoint { x, y } }
            })
            .collect();
        let routes = LineRouter { nodes: &nodes, columns: &columns, edges: &edges }.routes();
        let half = |node: &DiagramNode| if matches!(node.kind, DiagramNodeKind::Step(_)) { BOX.x / 2.0 } else { 11.0 };
        let right = nodes.iter().map(|node| node.at.x + half(node)).fold(0.0, f64::max);
        let height = top(names.len()) + MARGIN;
        let lanes = names.into_iter().enumerate().map(|(lane, name)| (name, top(lane), heights[lane])).collect();
        Self { lanes, nodes, routes, size: DiagramPoint { x: right + MARGIN, y: height } }
    }
}

/// Returns the centre of each column. Columns with only signs are narrow.
fn middles(kinds: &[DiagramNodeKind], columns: &[usize]) -> Vec<f64> {
    let last = columns.iter().copied().max().unwrap_or(0);
    let half = |column: usize| {
        let signs = (0..kinds.len()).filter(|at| columns[*at] == column).all(|at| kinds[at] == DiagramNodeKind::Sign);
        if signs { SIGN + (COLUMN - BOX.x) / 2.0 } else { COLUMN / 2.0 }
    };
    let mut middle = HEAD + 62.0 + BOX.x / 2.0 - COLUMN;
    let mut middles = vec![middle];
    for column in 1..=last {
        middle += half(column - 1) + half(column);
        middles.push(middle);
    }
    middles
}

#[expect(clippy::cast_precision_loss, reason = "few")]
const fn count(number: usize) -> f64 {
    number as f64
}

/// Returns the nodes and the lines between them. Several lines between the same nodes become one.
fn graph(workflow: &Workflow) -> (Vec<DiagramNodeKind>, Vec<DiagramEdge>) {
    let mut kinds = vec![DiagramNodeKind::Start];
    kinds.extend((0..workflow.steps.len()).map(DiagramNodeKind::Step));
    let mut edges = vec![DiagramEdge { from: 0, to: 1, actions: Vec::new(), back: false }];
    let mut join = |from: usize, to: usize, action: &ActionId| match edges
        .iter_mut()
        .find(|edge| edge.from == from && edge.to == to)
    {
        Some(known) if known.actions.contains(action) => {}
        Some(known) => known.actions.push(action.clone()),
        None => edges.push(DiagramEdge { from, to, actions: vec![action.clone()], back: false }),
    };
    for (number, step) in workflow.steps.iter().enumerate() {
        for action in &step.actions {
            let answered = step.many.iter().filter(|_| action.effect == Effect::Answer).map(|many| &many.then);
            for to in action.effect.targets().chain(answered).filter_map(|to| workflow.index(to)) {
                join(number + 1, to + 1, &action.id);
            }
            if matches!(action.effect, Effect::HandOver | Effect::Finish) {
                let known = kinds.iter().position(|kind| *kind == DiagramNodeKind::End(number));
                let end = known.unwrap_or_else(|| {
                    kinds.push(DiagramNodeKind::End(number));
                    kinds.len() - 1
                });
                join(number + 1, end, &action.id);
            }
        }
    }
    edges.retain(|edge| edge.to < kinds.len());
    (kinds, edges)
}

/// Marks the lines that close a cycle.
fn mark_back(nodes: usize, edges: &mut [DiagramEdge]) {
    fn visit(at: usize, edges: &mut [DiagramEdge], state: &mut [u8]) {
        state[at] = 1;
        for number in 0..edges.len() {
            if edges[number].from == at {
                let to = edges[number].to;
                match state[to] {
                    0 => visit(to, edges, state),
                    1 => edges[number].back = true,
                    _ => {}
                }
            }
        }
        state[at] = 2;
    }
    let mut state = vec![0_u8; nodes];
    for at in 0..nodes {
        if state[at] == 0 {
            visit(at, edges, &mut state);
        }
    }
}

/// Returns the column of each node, and its order among those of the same column.
fn columns(nodes: usize, edges: &[DiagramEdge]) -> (Vec<usize>, Vec<f64>) {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let vertices: Vec<(u32, (f64, f64))> = (0..nodes).map(|at| (number(at), (1.0, 1.0))).collect();
    let forward: Vec<(u32, u32)> =
        edges.iter().filter(|edge| !edge.back).map(|edge| (number(edge.from), number(edge.to))).collect();
    let config = Config {
        minimum_length: 1,
        ranking_type: RankingType::MinimizeEdgeLength,
        vertex_spacing: 1.0,
        ..Config::default()
    };
    let mut places: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for (layout, _, _) in rust_sugiyama::from_vertices_and_edges(&vertices, &forward, &config) {
        places.extend(layout);
    }
    let place = |at: usize| places.get(&at).copied().unwrap_or_default();
    // In either direction, the beginning is first.
    let mut levels: Vec<f64> = (0..nodes).map(|at| place(at).1).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup_by(|a, b| (*a - *b).abs() < 1e-6);
    let level = |y: f64| levels.iter().position(|known| (known - y).abs() < 1e-6).unwrap_or(0);
    let first = level(place(0).1);
    let upside_down = first * 2 > levels.len();
    let columns = (0..nodes).map(|at| {
        let level = level(place(at).1);
        if upside_down { levels.len() - 1 - level } else { level }
    });
    (columns.collect(), (0..nodes).map(|at| place(at).0).collect())
}

/// Returns the row of each node within its lane. Nodes of the same lane and column stand below one another.
fn rows(columns: &[usize], order: &[f64], lanes: &[usize]) -> Vec<usize> {
    let mut rows = vec![0; columns.len()];
    for at in 0..columns.len() {
        let before = (0..columns.len()).filter(|other| {
            lanes[*other] == lanes[at] && columns[*other] == columns[at] && (order[*other], *other) < (order[at], at)
        });
        rows[at] = before.count();
    }
    rows
}

struct LineRouter<'a> {
    nodes: &'a [DiagramNode],
    columns: &'a [usize],
    edges: &'a [DiagramEdge],
}

impl LineRouter<'_> {
    fn routes(&self) -> Vec<DiagramLine> {
        let mut routes = Vec::new();
        let mut channels: BTreeMap<(usize, bool), f64> = BTreeMap::new();
        for edge in self.edges {
            let DiagramEdge { from, to, back, .. } = *edge;
            let points = if from == to {
                Vec::new()
            } else if !back && (self.columns[to] == self.columns[from] + 1 || self.is_clear(from, to)) {
                self.straight(edge)
            } else {
                // Parallel lines in the same direction keep a distance.
                let shift = channels.entry((self.nodes[from].lane, back)).or_insert(0.0);
                *shift += 6.0;
                self.around(edge, *shift - 6.0)
            };
            routes.push(DiagramLine { from, to, actions: edge.actions.clone(), back, points });
        }
        routes
    }

    fn half(&self, at: usize) -> DiagramPoint {
        match self.nodes[at].kind {
            DiagramNodeKind::Step(_) => DiagramPoint { x: BOX.x / 2.0, y: BOX.y / 2.0 },
            DiagramNodeKind::Start => DiagramPoint { x: 9.0, y: 9.0 },
            DiagramNodeKind::End(_) => DiagramPoint { x: 11.0, y: 11.0 },
            DiagramNodeKind::Sign => DiagramPoint { x: SIGN, y: SIGN },
        }
    }

    /// Returns whether there is nothing between two nodes of the same height.
    fn is_clear(&self, from: usize, to: usize) -> bool {
        let (a, b) = (self.nodes[from].at, self.nodes[to].at);
        let same = |y: f64| (y - a.y).abs() < 1.0;
        same(b.y)
            && !self.nodes.iter().enumerate().any(|(at, node)| {
                at != from && at != to && same(node.at.y) && node.at.x > a.x.min(b.x) && node.at.x < a.x.max(b.x)
            })
    }

    /// Returns the position of a line among those that leave or reach a node at the same side, from -1 to 1.
    fn spread(&self, edge: &DiagramEdge, leaving: bool) -> f64 {
        let node = |edge: &DiagramEdge| if leaving { edge.from } else { edge.to };
        let beside: Vec<&DiagramEdge> = self
            .edges
            .iter()
            .filter(|other| !other.back && node(other) == node(edge))
            .filter(|other| self.columns[other.to] == self.columns[other.from] + 1)
            .collect();
        let far = |other: &DiagramEdge| self.nodes[if leaving { other.to } else { other.from }].at.y;
        let place = beside.iter().filter(|other| far(other) < far(edge)).count();
        if beside.len() < 2 { 0.0 } else { count(place) / count(beside.len() - 1) * 2.0 - 1.0 }
    }

    /// Returns a line from the right side of one node to the left side of the other.
    fn straight(&self, edge: &DiagramEdge) -> Vec<DiagramPoint> {
        let (a, b) = (self.nodes[edge.from].at, self.nodes[edge.to].at);
        let (from, to) = (self.half(edge.from), self.half(edge.to));
        let start = DiagramPoint { x: a.x + from.x, y: a.y + self.spread(edge, true) * from.y * 0.5 };
        let end = DiagramPoint { x: b.x - to.x, y: b.y + self.spread(edge, false) * to.y * 0.5 };
        if (start.y - end.y).abs() < 1.0 {
            return vec![start, DiagramPoint { x: end.x, y: start.y }];
        }
        let middle = end.x - 26.0 - self.spread(edge, true) * 10.0;
        vec![start, DiagramPoint { x: middle, y: start.y }, DiagramPoint { x: middle, y: end.y }, end]
    }

    /// Returns a line above the nodes between, or below them if the line leads back.
    fn around(&self, edge: &DiagramEdge, shift: f64) -> Vec<DiagramPoint> {
        let (a, b) = (self.nodes[edge.from].at, self.nodes[edge.to].at);
        let (from, to) = (self.half(edge.from), self.half(edge.to));
        let side = if edge.back { 1.0 } else { -1.0 };
        let channel = a.y + side * (ROW / 2.0 - 5.0 - shift);
        // The line leaves at the right, where no sign stands below the step.
        let (out, into) =
            (a.x + from.x * if edge.back { 0.7 } else { 0.45 }, b.x + to.x * if edge.back { 0.7 } else { -0.45 });
        // The line reaches the other node from the side of the channel.
        let reached = if channel < b.y { b.y - to.y } else { b.y + to.y };
        vec![
            DiagramPoint { x: out, y: a.y + side * from.y },
            DiagramPoint { x: out, y: channel },
            DiagramPoint { x: into, y: channel },
            DiagramPoint { x: into, y: reached },
        ]
    }
}
