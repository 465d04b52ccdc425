// There is one marker for who was drawn at random.
CREATE CONSTRAINT OperationalLoad_key IF NOT EXISTS FOR (n:OperationalLoad) REQUIRE n.id IS UNIQUE
