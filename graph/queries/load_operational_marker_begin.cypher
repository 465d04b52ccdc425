// A load begins: until its end nothing of it counts.
MERGE (m:OperationalLoad {id: 'generated'})
SET m.load = $load, m.source = $source, m.finished = false, m.at = $at
