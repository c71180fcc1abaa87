def test_the_fixtures_work(sessions):
    from fsc_logistics.core.database import revision

    assert revision(sessions.engine) == "0001"
