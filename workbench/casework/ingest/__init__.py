"""From a delivered file to what is stored of it, in processes that only read, towards the one that only writes."""
