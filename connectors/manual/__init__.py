"""Orders that people and files bring: there is no channel to tell anything."""
