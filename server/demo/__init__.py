"""The demo world: people, pictures, music and talk, generated from one number and independent of the database."""
