"""Music for the demo world: catalogue, composer, synthesiser and Vorbis encoder; a track key names its sound."""
