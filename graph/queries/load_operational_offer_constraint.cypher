// Each offer has its own id.
CREATE CONSTRAINT Offer_key IF NOT EXISTS FOR (n:Offer) REQUIRE n.id IS UNIQUE
