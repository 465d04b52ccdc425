// rows: {start, end, origin, level}.
UNWIND $rows AS row
MATCH (a:Seeker {id: row.start})
MATCH (b:Skill {codeOgr: row.end})
CREATE (a)-[:HAS_SKILL {origin: row.origin, level: row.level}]->(b)
