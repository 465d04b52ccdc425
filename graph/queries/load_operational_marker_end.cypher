// The load is over. No row: another one began meanwhile.
MATCH (m:OperationalLoad {id: 'generated', load: $load})
SET m.finished = true, m.at = $at
RETURN m.load AS load
