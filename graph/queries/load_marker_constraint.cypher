// There is one marker.
CREATE CONSTRAINT DataVersion_key IF NOT EXISTS FOR (n:DataVersion) REQUIRE n.id IS UNIQUE
