// What it costs to start and end any process at all.
int main(void) { return 0; }
