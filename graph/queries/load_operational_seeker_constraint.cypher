// Each seeker has her own id.
CREATE CONSTRAINT Seeker_key IF NOT EXISTS FOR (n:Seeker) REQUIRE n.id IS UNIQUE
