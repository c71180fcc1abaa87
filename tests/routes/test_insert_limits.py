from routes.drafting.insert import Obstacle, obstacle
from routes.problem import Reload
from routes.timetable.tasks import reload_at, requests_of


def test_a_reload_is_not_one_of_the_most_tasks(problem, visit, technician):
    anna = technician("anna", tasks_max=1, reload=Reload(places=(3,)))
    day = problem(visit("v1", 1), visit("v2", 2), technicians=(anna,))
    (one,), (other,) = (request.tasks for request in requests_of(day))

    assert obstacle(day, anna, [reload_at(anna, 3), one]) is None
    assert obstacle(day, anna, [one, other]) is Obstacle.TASKS
