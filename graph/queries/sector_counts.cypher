// Combien de métiers chaque secteur d'activité compte-t-il, à titre principal ou non ?
// parameters: none
// columns: code, label, occupations, mainOccupations
MATCH (s:ActivitySector)<-[r:IN_SECTOR]-(:Occupation)
RETURN s.code AS code, s.label AS label, count(r) AS occupations,
       sum(CASE WHEN r.main THEN 1 ELSE 0 END) AS mainOccupations
ORDER BY occupations DESC, code
